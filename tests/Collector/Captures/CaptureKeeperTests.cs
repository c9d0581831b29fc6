using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Collector.Captures;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Collector.Captures;

public sealed class CaptureKeeperTests
{
    private readonly ManualTimeProvider clock = new(SomeCapture.Start);

    [Fact]
    public async Task The_oldest_go_first_by_age_and_pinned_ones_never()
    {
        await using var running = await StartAsync(static settings => settings.MaxAge = TimeSpan.FromHours(5));
        for (var number = 0; number < 4; number++) await UploadAsync(running, new SomeCapture(number, 100) { IsPinned = number == 1 });
        clock.Advance(TimeSpan.FromHours(1.5));
        await RoundAsync(running);
        Kept(running).Should().Equal(1, 2, 3);
        await running.RestartAsync();
        clock.Advance(TimeSpan.FromDays(3));
        await RoundAsync(running);
        Kept(running).Should().Equal(1);
        running.FilesBelow().Should().HaveCount(2);
        (await running.Collector.GetAsync("/metrics")).Should().Contain("gpu_collector_captures_removed_total{reason=\"age\"} 2");
    }

    [Fact]
    public async Task The_oldest_go_first_by_count()
    {
        await using var running = await StartAsync(static settings => settings.MaxCount = 3);
        for (var number = 0; number < 6; number++) await UploadAsync(running, new SomeCapture(number, 100));
        running.Catalogue.Pin(SomeCapture.IdOf(1), true);
        await RoundAsync(running);
        Kept(running).Should().HaveCount(3).And.Contain([4, 5]);
    }

    [Fact]
    public async Task The_oldest_go_first_by_bytes_and_what_is_under_way_counts_and_never_goes()
    {
        await using var running = await StartAsync(static settings => settings.MaxBytes = settings.MaxFileBytes = 3 << 20);
        var underWay = new SomeCapture(99, 1 << 20);
        await running.Sender.UploadAsync(underWay, "report-0.bin", underWay.Files["report-0.bin"]);
        for (var number = 0; number < 4; number++)
        {
            await UploadAsync(running, new SomeCapture(number, 1 << 20));
            await RoundAsync(running);
        }
        Kept(running).Should().Equal(2, 3);
        // Of an upload counts what has come.
        var other = new SomeCapture(98, 1 << 20);
        var upload = await running.Sender.CreateAsync(other, "report-0.bin", other.Files["report-0.bin"]);
        await RoundAsync(running);
        Kept(running).Should().Equal(2, 3);
        (await running.Sender.PatchAsync(upload, 0, other.Files["report-0.bin"][..1000])).Dispose();
        await RoundAsync(running);
        Kept(running).Should().Equal(3);
        await running.Sender.UploadAsync(underWay, CaptureManifest.FileName, underWay.ManifestJson);
        await RoundAsync(running);
        Kept(running).Should().Equal(3, 99);
    }

    [Fact]
    public async Task One_that_is_pinned_while_others_are_removed_stays()
    {
        PinningFiles? files = null;
        CaptureSettings? limits = null;
        await using var running = await CaptureCollector.StartAsync(settings => limits = settings.Captures, clock, replace: services => services.AddSingleton<ICaptureFiles>(provider => files = new PinningFiles(provider)));
        for (var number = 0; number < 3; number++) await UploadAsync(running, new SomeCapture(number, 100));
        files!.Pinned = SomeCapture.IdOf(1);
        limits!.MaxCount = 1;
        await RoundAsync(running);
        Kept(running).Should().Equal(1);
        running.FilesBelow("bundles").Should().HaveCount(2);
    }

    [Fact]
    public async Task One_that_cannot_be_removed_does_not_keep_those_behind_it()
    {
        PinningFiles? files = null;
        CaptureSettings? limits = null;
        await using var running = await CaptureCollector.StartAsync(settings => limits = settings.Captures, clock, replace: services => services.AddSingleton<ICaptureFiles>(provider => files = new PinningFiles(provider)));
        for (var number = 0; number < 4; number++) await UploadAsync(running, new SomeCapture(number, 100));
        files!.Immovable = SomeCapture.IdOf(0);
        limits!.MaxCount = 2;
        await RoundAsync(running);
        Kept(running).Should().Equal(0, 3);
        // The collector's own round may have tried it too.
        (await running.Collector.GetAsync("/metrics")).Should().MatchRegex("gpu_collector_capture_store_failures_total\\{reason=\"disk\"\\} [1-9]");
        files.Immovable = "";
        limits.MaxCount = 1;
        await RoundAsync(running);
        Kept(running).Should().Equal(3);
    }

    [Fact]
    public async Task Where_pinned_ones_fill_the_room_uploads_are_refused()
    {
        await using var running = await StartAsync(static settings => settings.MaxBytes = settings.MaxFileBytes = 2 << 20);
        await UploadAsync(running, new SomeCapture(1, 3 << 19) { IsPinned = true });
        var other = new SomeCapture(2, 1 << 20);
        using var refused = await running.Sender.CreateAsync(other.MetadataOf("report-0.bin", other.Files["report-0.bin"]).Write(), TusSender.Text(1 << 20));
        await Uploads.TusEndpointTests.ShouldBeRefusedAsync(refused, 507, "quota", "captures that are pinned");
        running.Catalogue.Pin(SomeCapture.IdOf(1), false);
        await UploadAsync(running, other);
        await RoundAsync(running);
        Kept(running).Should().Equal(2);
    }

    [Fact]
    public async Task What_was_told_of_captures_outlives_the_collector_until_it_is_too_old()
    {
        await using var running = await StartAsync(static settings => settings.MaxAge = TimeSpan.FromHours(24));
        var (wanted, refused) = (new SomeCapture(1), new SomeCapture(2));
        running.Catalogue.Requested(wanted.Request);
        running.Catalogue.Requested(wanted.Request with { DurationSeconds = 99 });
        running.Catalogue.Progressed(new CaptureProgress(refused.Id, "node-2", 7, SomeCapture.Start, CaptureStage.Refused, "too soon", Refusal: CaptureRefusal.Cooldown));
        running.Catalogue.Pin(wanted.Id, true).Should().BeTrue();
        running.Catalogue.Pin(SomeCapture.IdOf(3), true).Should().BeFalse();
        await running.RestartAsync();
        running.Catalogue.Find(wanted.Id).Should().BeEquivalentTo(new { Request = new { DurationSeconds = 5.0 }, IsPinned = true, Stage = CaptureStage.Requested });
        running.Catalogue.Find(refused.Id).Should().BeEquivalentTo(new { Progress = new { Sequence = 7, Refusal = CaptureRefusal.Cooldown }, IsOver = true, Node = "node-2" });
        // An older word than the last changes nothing.
        running.Catalogue.Progressed(new CaptureProgress(refused.Id, "node-2", 6, SomeCapture.Start, CaptureStage.Queued));
        running.Catalogue.Find(refused.Id)!.Stage.Should().Be(CaptureStage.Refused);

        clock.Advance(TimeSpan.FromHours(25));
        await RoundAsync(running);
        running.Catalogue.Find(refused.Id).Should().BeNull();
    }

    [Fact]
    public async Task A_capture_that_was_removed_does_not_come_back_when_its_node_says_once_more_that_it_is_done()
    {
        await using var running = await StartAsync(static _ => { });
        var capture = new SomeCapture(1, 100);
        running.Catalogue.Requested(capture.Request);
        await UploadAsync(running, capture);
        var done = new CaptureProgress(capture.Id, "node-1", 7, SomeCapture.Start, CaptureStage.Done, "recorded 5 s");
        running.Catalogue.Progressed(done);
        running.Catalogue.Find(capture.Id)!.Progress.Should().Be(done);
        await running.Collector.Service<CaptureKeeper>().RemoveAsync(capture.Id, CancellationToken.None);

        running.Catalogue.Progressed(done);
        running.Catalogue.Find(capture.Id).Should().BeNull();
        await running.RestartAsync();
        running.Catalogue.Find(capture.Id).Should().BeNull();
        // Of a collector that lost its disk: what has not come is known again.
        running.Catalogue.Progressed(done with { Stage = CaptureStage.Uploading });
        running.Catalogue.Find(capture.Id)!.Stage.Should().Be(CaptureStage.Uploading);
    }

    [Fact]
    public async Task Without_the_journal_the_bundles_say_what_there_is()
    {
        await using var running = await StartAsync(static _ => { });
        await UploadAsync(running, new SomeCapture(1, 100) { IsPinned = true });
        await UploadAsync(running, new SomeCapture(2, 100));
        Directory.CreateDirectory(Path.Combine(running.CaptureDirectory, "bundles", "no-capture"));
        await running.RestartAsync(() => Directory.Delete(Path.Combine(running.CaptureDirectory, "journal"), recursive: true));
        Kept(running).Should().Equal(1, 2);
        running.Catalogue.Find(SomeCapture.IdOf(1))!.IsPinned.Should().BeTrue();
        running.Catalogue.Find(SomeCapture.IdOf(2))!.SizeBytes.Should().Be(100);
    }

    [Fact]
    public void A_flood_of_wishes_keeps_the_newest_and_those_under_way()
    {
        using var catalogue = new CaptureCatalogue(null, clock, Microsoft.Extensions.Logging.Abstractions.NullLogger<CaptureCatalogue>.Instance);
        catalogue.Requested(new SomeCapture(0).Request);
        for (var number = 1; number <= CaptureCatalogue.MostOpen + 10; number++)
        {
            var capture = new SomeCapture(number);
            catalogue.Requested(capture.Request);
            catalogue.Progressed(new CaptureProgress(capture.Id, "node-1", 1, SomeCapture.Start, CaptureStage.Refused, Refusal: CaptureRefusal.Budget));
        }
        catalogue.Find(SomeCapture.IdOf(0)).Should().NotBeNull();
        catalogue.Find(SomeCapture.IdOf(1)).Should().BeNull();
        catalogue.Find(SomeCapture.IdOf(CaptureCatalogue.MostOpen + 10)).Should().NotBeNull();
        catalogue.Query(new CaptureQuery { Limit = int.MaxValue }).Captures.Should().HaveCount(CaptureCatalogue.MostOpen);
    }

    private Task<CaptureCollector> StartAsync(Action<CaptureSettings> configure) => CaptureCollector.StartAsync(settings => configure(settings.Captures), clock);

    /// <summary>Each an hour after the one before.</summary>
    private async Task UploadAsync(CaptureCollector running, SomeCapture capture)
    {
        await running.Sender.UploadAsync(capture);
        clock.Advance(TimeSpan.FromHours(1));
    }

    private static Task RoundAsync(CaptureCollector running) => running.Collector.Service<CaptureKeeper>().RoundAsync(CancellationToken.None);

    /// <summary>Captures in a directory, of which a person pins one in the middle of the first removal, and one cannot be removed.</summary>
    private sealed class PinningFiles(IServiceProvider services) : ICaptureFiles
    {
        private readonly DirectoryCaptureFiles inner = services.GetRequiredService<DirectoryCaptureFiles>();

        public string Pinned { get; set; } = "";

        public string Immovable { get; set; } = "";

        public bool IsOnDisk => true;

        public (int Count, long Bytes) Waiting => default;

        public IAsyncEnumerable<KeptBundle> ListAsync(CancellationToken cancellationToken) => inner.ListAsync(cancellationToken);

        public void Take(string id, string directory) => inner.Take(id, directory);

        public Task<Stream?> OpenAsync(string id, string name, long offset, long length, CancellationToken cancellationToken) => inner.OpenAsync(id, name, offset, length, cancellationToken);

        public Task<byte[]?> ReadAsync(string id, string name, long bytesAtMost, CancellationToken cancellationToken) => inner.ReadAsync(id, name, bytesAtMost, cancellationToken);

        public Task RemoveAsync(string id, CancellationToken cancellationToken)
        {
            if (id == Immovable) throw new IOException("Device or resource busy");
            if (Pinned.Length > 0) services.GetRequiredService<CaptureCatalogue>().Pin(Pinned, true);
            return inner.RemoveAsync(id, cancellationToken);
        }
    }

    private static int[] Kept(CaptureCollector running) =>
        [.. Enumerable.Range(0, 100).Where(number => running.Catalogue.Find(SomeCapture.IdOf(number))?.Manifest is not null)];
}
