using FluentAssertions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Collector.Captures;
using Monitoring.Collector.Search.Sources;
using Monitoring.Elasticsearch.Documents;
using Monitoring.Tests.Collector.Captures;
using Monitoring.Tests.Collector.Search.Documents;
using Monitoring.Tests.Dropins;
using Xunit;

namespace Monitoring.Tests.Collector.Search.Sources;

public sealed class CaptureSourceTests : IDisposable
{
    private readonly ManualTimeProvider clock = new();
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

    [Fact]
    public async Task One_that_cannot_be_read_holds_up_no_other_and_comes_when_it_can_be()
    {
        await using var collector = await CaptureCollector.StartAsync();
        var files = Show(collector, 3);
        files.Fail(SomeCapture.IdOf(2), new UnauthorizedAccessException("access to summary.json is denied"));
        using var source = Open(collector, files);

        var first = await ReadAsync(source);
        first.Select(static one => one.Id).Should().Equal([SomeCapture.IdOf(1)], "what is ready does not wait for the one that failed");
        var second = await ReadAsync(source);
        second.Select(static one => one.Id).Should().Equal(SomeCapture.IdOf(3));
        foreach (var one in first.Concat(second)) source.Settle(one);
        source.Waiting.Should().Be(1);
        source.Trouble.Should().StartWith("1 capture cannot be read").And.Contain(SomeCapture.IdOf(2)).And.Contain("denied");

        files.Mend();
        var third = ReadAsync(source);
        await PassAsync(FailingCaptures.ShortestPause);

        (await third).Select(static one => one.Id).Should().Equal(SomeCapture.IdOf(2));
        source.Trouble.Should().BeNull();
    }

    [Fact]
    public async Task What_cannot_be_read_is_said_once_and_once_more_when_all_of_it_can_be()
    {
        await using var collector = await CaptureCollector.StartAsync();
        var files = Show(collector, 3);
        foreach (var number in (int[])[1, 2]) files.Fail(SomeCapture.IdOf(number), new IOException("input/output error"));
        using var log = new CollectingLogger();
        using var loggers = LoggerFactory.Create(builder => builder.AddProvider(log));
        using var source = Open(collector, files, loggers.CreateLogger<CaptureSource>());

        (await ReadAsync(source)).Should().ContainSingle();
        source.Trouble.Should().StartWith("2 captures cannot be read");
        log.Entries.Should().ContainSingle().Which.Message.Should().Contain(SomeCapture.IdOf(1)).And.Contain("input/output error");
        files.Mend();
        var rest = ReadAsync(source);
        await PassAsync(FailingCaptures.ShortestPause);

        (await rest).Should().HaveCount(2);
        log.Entries.Should().HaveCount(2);
        log.Entries.Last().Message.Should().Contain("Every capture can be read");
    }

    [Fact]
    public async Task Many_that_cannot_be_read_do_not_keep_the_one_behind_them_though_they_are_due_again()
    {
        await using var collector = await CaptureCollector.StartAsync();
        var files = Show(collector, 21);
        for (var number = 1; number <= 20; number++) files.Fail(SomeCapture.IdOf(number), new IOException("input/output error"));
        using var source = Open(collector, files);

        var read = ReadAsync(source);
        for (var round = 0; round < 2; round++) await PassAsync(FailingCaptures.ShortestPause);

        (await read).Select(static one => one.Id).Should().Equal(SomeCapture.IdOf(21));
        source.Trouble.Should().StartWith("20 captures cannot be read");
    }

    [Fact]
    public async Task A_store_that_is_down_for_all_is_asked_once_in_five_seconds()
    {
        await using var collector = await CaptureCollector.StartAsync();
        var files = Show(collector, 12);
        for (var number = 1; number <= 12; number++) files.Fail(SomeCapture.IdOf(number), new CaptureStoreException("unreachable", "the bucket cannot be reached"));
        using var source = Open(collector, files);

        var read = ReadAsync(source);
        for (var round = 1; round <= 5; round++)
        {
            await Eventually.HoldsAsync("it waits", () => clock.ArmedTimers > 0);
            files.Asked.Should().Be(round);
            clock.Advance(TimeSpan.FromSeconds(4.9));
            files.Asked.Should().Be(round);
            if (round == 5) files.Mend();
            clock.Advance(TimeSpan.FromSeconds(0.1));
        }

        (await read).Should().HaveCountGreaterThan(1);
    }

    [Fact]
    public async Task One_that_was_removed_before_it_could_be_read_is_no_trouble_any_more()
    {
        await using var collector = await CaptureCollector.StartAsync();
        var files = Show(collector, 2);
        files.Fail(SomeCapture.IdOf(1), new IOException("input/output error"));
        using var source = Open(collector, files);
        source.Settle((await ReadAsync(source)).Single());
        source.Waiting.Should().Be(1);

        collector.Catalogue.Forget(SomeCapture.IdOf(1));

        source.Waiting.Should().Be(0);
        source.Trouble.Should().BeNull();
    }

    /// <summary>Captures in the catalogue, and files that hold them.</summary>
    private static FailingFiles Show(CaptureCollector collector, int count)
    {
        var files = new FailingFiles();
        for (var number = 1; number <= count; number++)
        {
            var capture = new SomeCapture(number);
            files.Add(capture);
            collector.Catalogue.Kept(capture.Manifest, ReadOnlyMemory<byte>.Empty, SomeCapture.Start.AddMinutes(number));
        }
        return files;
    }

    /// <summary>Moves the clock when somebody waits for it.</summary>
    private async Task PassAsync(TimeSpan pause)
    {
        await Eventually.HoldsAsync("it waits", () => clock.ArmedTimers > 0);
        clock.Advance(pause);
    }

    private static async Task<List<SourceDocument>> ReadAsync(CaptureSource source)
    {
        await source.WaitAsync(CancellationToken.None).AsTask().WaitAsync(Eventually.Patience);
        var documents = new List<SourceDocument>();
        source.Read(documents, 100, 1 << 20);
        return documents;
    }

    private CaptureSource Open(CaptureCollector collector, ICaptureFiles? files = null, ILogger<CaptureSource>? logger = null) => new(
        collector.Catalogue, files ?? collector.Collector.Service<ICaptureFiles>(), collector.Collector.Service<CaptureRecovery>(), folder.FullName,
        GoldenDocuments.Places, static () => GoldenDocuments.OpenPrivacy, clock, logger ?? NullLogger<CaptureSource>.Instance);
}
