using System.Runtime.Versioning;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Capture.Profilers.Ncu;
using Monitoring.Agent.Hosting;
using Monitoring.Contracts.Captures;
using Monitoring.Tests.Agent.Capture;
using Xunit;

namespace Monitoring.Tests.Agent.Hosting;

/// <summary>From the folder that gpu-run fills to bundles, over the real service.</summary>
[SupportedOSPlatform("linux")]
public sealed class KernelReportPickupTests : IAsyncLifetime
{
    private const string Request = """{"version":1,"profiler":"ncu","program":"train","user":"alice","job":"4711","exit_code":0,"started_at":"2030-01-01T00:00:00Z","finished_at":"2030-01-01T00:00:09Z"}""";

    private readonly string folder = Directory.CreateTempSubdirectory("pickup-").FullName;
    private readonly CaptureUnderTest test = new();
    private readonly NcuIncoming incoming;
    private readonly KernelReportPickup pickup;

    public KernelReportPickupTests()
    {
        incoming = new NcuIncoming(Path.Combine(folder, "incoming"), CaptureUnderTest.Identity.Node, test.Time, NullLogger<NcuIncoming>.Instance);
        incoming.Prepare();
        test.Others = [new NcuProfiler(incoming, test.Time)];
        pickup = new KernelReportPickup(incoming, new Desk(test), test.Time, NullLogger<KernelReportPickup>.Instance);
    }

    public async ValueTask InitializeAsync() => await test.StartAsync();

    public async ValueTask DisposeAsync()
    {
        pickup.Dispose();
        await test.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_report_of_a_job_that_has_ended_becomes_a_bundle_that_is_found_by_the_job()
    {
        Drop("kernels.one");

        LookUntil(() => Done.Length == 1);

        var manifest = test.Manifest(Done[0].Id);
        manifest.Files.Select(static file => file.Name).Should().Contain("kernels.ncu-rep");
        manifest.Request.Target.Job.Should().Be("4711");
        pickup.Look();
        incoming.Take().Should().BeEmpty();
    }

    [Fact]
    public void More_reports_than_the_queue_holds_all_become_bundles()
    {
        test.Settings.QueueLength = 1;
        for (var number = 0; number < 4; number++) Drop($"kernels.{number}");

        LookUntil(() => Done.Length == 4);
    }

    [Fact]
    public void A_report_that_comes_while_the_disk_is_short_is_taken_once_there_is_room()
    {
        test.Settings.FreeSpaceFloorBytes = 1L << 30;
        test.FreeBytes = 1L << 20;
        Drop("kernels.early");
        LookUntil(() => test.Service.All().Any(static one => one.Refusal == CaptureRefusal.DiskFloor));
        pickup.Look();
        incoming.Take().Should().ContainSingle("it is not lost");

        test.FreeBytes = 1L << 40;

        LookUntil(() => Done.Length == 1);
        test.Service.All().Count(static one => one.Refusal == CaptureRefusal.DiskFloor).Should().BeLessThan(4, "it is not asked for all the time");
    }

    [Fact]
    public async Task A_report_is_not_lost_when_the_agent_ends_while_it_is_taken()
    {
        Drop("kernels.one");
        LookUntil(() => test.Service.All().Any(static one => one.Stage == CaptureStage.Recording));
        var ledger = await File.ReadAllBytesAsync(Path.Combine(test.Root, "ledger.json"), TestContext.Current.CancellationToken);
        await test.StopAsync();
        // As a sudden end would leave it.
        await File.WriteAllBytesAsync(Path.Combine(test.Root, "ledger.json"), ledger, TestContext.Current.CancellationToken);

        await test.StartAsync();

        LookUntil(() => Done.Length == 1);
        test.Manifest(Done[0].Id).Files.Select(static file => file.Name).Should().Contain("kernels.ncu-rep");
    }

    [Fact]
    public void Folders_and_links_below_a_drop_are_removed_without_being_followed()
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(folder, "elsewhere")).FullName;
        File.WriteAllText(Path.Combine(elsewhere, "kept"), "x");
        var drop = Drop("kernels.deep");
        Directory.CreateDirectory(Path.Combine(drop, "a", "b"));
        File.WriteAllText(Path.Combine(drop, "a", "b", "file"), "x");
        Directory.CreateSymbolicLink(Path.Combine(drop, "a", "link"), elsewhere);
        Directory.CreateSymbolicLink(Path.Combine(drop, "link"), elsewhere);

        LookUntil(() => Done.Length == 1);
        pickup.Look();

        Directory.EnumerateFileSystemEntries(Path.Combine(folder, "incoming", ".taken")).Should().BeEmpty();
        File.Exists(Path.Combine(elsewhere, "kept")).Should().BeTrue();
    }

    private CaptureProgress[] Done => [.. test.Service.All().Where(static one => one.Stage == CaptureStage.Done)];

    private void LookUntil(Func<bool> holds) => test.Until(() =>
    {
        pickup.Look();
        return holds();
    });

    private string Drop(string name)
    {
        var drop = Directory.CreateDirectory(Path.Combine(folder, "incoming", name)).FullName;
        File.WriteAllText(Path.Combine(drop, "report.ncu-rep"), "NVR report");
        File.WriteAllText(Path.Combine(drop, "request.json"), Request);
        return drop;
    }

    /// <summary>The service of now: a test starts it anew.</summary>
    private sealed class Desk(CaptureUnderTest test) : Monitoring.Agent.Capture.ICaptureDesk
    {
        public Monitoring.Agent.Capture.CaptureAnswer Request(CaptureRequest request) => test.Service.Request(request);

        public string? Cancel(string id) => test.Service.Cancel(id);

        public CaptureProgress? Progress(string id) => test.Service.Progress(id);

        public IReadOnlyList<CaptureProgress> All() => test.Service.All();
    }
}
