using FluentAssertions;
using Monitoring.Collector.Captures;
using Monitoring.Collector.Search.Sources;
using Monitoring.Elasticsearch.Documents;
using Monitoring.Tests.Collector.Captures;
using Monitoring.Tests.Collector.Search.Documents;
using Xunit;

namespace Monitoring.Tests.Collector.Search.Sources;

public sealed class CaptureSourceTests : IDisposable
{

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("capture-source-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Captures_come_as_their_bundles_came_and_those_that_were_settled_do_not_come_again()
    {
        await using var collector = await CaptureCollector.StartAsync();
        await collector.Sender.UploadAsync(new SomeCapture(2, 10));
        await collector.Sender.UploadAsync(new SomeCapture(1, 10));
        using (var source = Open(collector))
        {
            var read = await ReadAsync(source);
            read.Select(static one => one.Id).Should().Equal(SomeCapture.IdOf(2), SomeCapture.IdOf(1));
            source.Settle(read[1]);
            source.Waiting.Should().Be(1);
        }

        using var again = Open(collector);
        (await ReadAsync(again)).Select(static one => one.Id).Should().Equal(SomeCapture.IdOf(2));
    }

    [Fact]
    public async Task A_reader_who_waits_is_woken_by_the_next_bundle()
    {
        await using var collector = await CaptureCollector.StartAsync();
        using var source = Open(collector);
        var waiting = source.WaitAsync(CancellationToken.None).AsTask();
        waiting.IsCompleted.Should().BeFalse();

        await collector.Sender.UploadAsync(new SomeCapture(1, 10));

        await waiting.WaitAsync(Eventually.Patience);
        (await ReadAsync(source)).Should().ContainSingle();
    }

    [Fact]
    public async Task One_that_is_removed_before_it_was_read_is_counted_and_one_that_was_delivered_is_not()
    {
        await using var collector = await CaptureCollector.StartAsync();
        await collector.Sender.UploadAsync(new SomeCapture(1, 10));
        using var source = Open(collector);
        foreach (var one in await ReadAsync(source)) source.Settle(one);
        await collector.Sender.UploadAsync(new SomeCapture(2, 10));
        source.Waiting.Should().Be(1);

        foreach (var number in (int[])[1, 2]) await collector.Collector.Service<CaptureKeeper>().RemoveAsync(SomeCapture.IdOf(number), CancellationToken.None);

        source.Waiting.Should().Be(0);
        source.Dropped.Single(static one => one.Key == "left_store").Value.Should().Be(1);
    }

    [Fact]
    public async Task A_restart_gives_everything_again()
    {
        await using var collector = await CaptureCollector.StartAsync();
        await collector.Sender.UploadAsync(new SomeCapture(1, 10));
        using var source = Open(collector);
        foreach (var one in await ReadAsync(source)) source.Settle(one);
        source.Commit();

        source.Restart();

        (await ReadAsync(source)).Should().ContainSingle();
    }

    private static async Task<List<SourceDocument>> ReadAsync(CaptureSource source)
    {
        await source.WaitAsync(CancellationToken.None).AsTask().WaitAsync(Eventually.Patience);
        var documents = new List<SourceDocument>();
        source.Read(documents, 100, 1 << 20);
        return documents;
    }

    private CaptureSource Open(CaptureCollector collector) => new(collector.Catalogue, collector.Collector.Service<ICaptureFiles>(), collector.Collector.Service<CaptureRecovery>(), folder.FullName,
        GoldenDocuments.Places, static () => GoldenDocuments.OpenPrivacy, TimeProvider.System);
}
