using System.Security.Cryptography;
using FluentAssertions;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using Xunit;

namespace Monitoring.Tests.Agent.Capture;

public sealed class CaptureServiceTests : IAsyncLifetime
{
    private readonly CaptureUnderTest test = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => test.DisposeAsync();

    [Fact]
    public async Task A_capture_goes_through_its_stages_to_a_bundle_whose_hashes_are_right()
    {
        await test.StartAsync();
        test.KernelLines.Add(test.Time.GetUtcNow(), "NVRM: Xid (PCI:0000:52:00): 79, token=abcdefgh12345678");
        var request = test.Request() with { Pinned = true };

        test.Service.Request(request).Words.Should().Be($"accepted: {request.Id}");
        test.End(request.Id).Stage.Should().Be(CaptureStage.Done);

        test.Stages(request.Id).Select(static one => one.Stage).Should().Equal(CaptureStage.Queued, CaptureStage.Armed, CaptureStage.Recording, CaptureStage.Exporting, CaptureStage.Done);
        test.Events(request.Id).Should().Equal("queued", "armed", "recording", "exporting", "done");
        test.Told.Where(one => one.Id == request.Id).Select(static one => one.Sequence).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        var manifest = test.Manifest(request.Id);
        manifest.Runs.Select(static run => (run.Profiler, run.Succeeded)).Should().BeEquivalentTo(
            [("counters", true), ("nsys_session", false), ("kineto", false), ("nsys_system", true)]);
        manifest.Runs.Single(static run => run.Profiler == "kineto").Refusal.Should().Be(CaptureRefusal.UnsafePytorch);
        manifest.Files.Select(static file => file.Name).Should().BeEquivalentTo("counters-gpu0.csv", "nsys_system-report.bin", "summary.json", "events.jsonl", "kernel.log");
        foreach (var file in manifest.Files)
        {
            var bytes = await File.ReadAllBytesAsync(Path.Combine(test.Root, request.Id, file.Name), TestContext.Current.CancellationToken);
            (file.SizeBytes, file.Sha256).Should().Be((bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes))));
        }
        Directory.GetFileSystemEntries(test.Root).Select(Path.GetFileName).Should().BeEquivalentTo(request.Id, "ledger.json");
        (await File.ReadAllTextAsync(Path.Combine(test.Root, request.Id, "kernel.log"), TestContext.Current.CancellationToken)).Should().Contain("Xid").And.NotContain("abcdefgh12345678");
    }

    [Fact]
    public async Task The_counters_cover_before_during_and_after()
    {
        await test.StartAsync();
        var request = test.Request();
        test.Take(request);

        var lines = await File.ReadAllLinesAsync(Path.Combine(test.Root, request.Id, "counters-gpu0.csv"), TestContext.Current.CancellationToken);

        lines[0].Should().Be("time_unix_microseconds,phase,gpu_power_watts,gpu_utilization_ratio,\"gpu_clock_hertz{domain=\"\"sm\"\"}\",gpu_tensor_active_ratio");
        lines[1..].Select(static line => line.Split(',')[1]).Distinct().Should().Equal("before", "during", "after");
        lines[1..].Count(static line => line.Contains(",before,", StringComparison.Ordinal)).Should().BeInRange(1190, 1210);
        lines[1..].Count(static line => line.Contains(",during,", StringComparison.Ordinal)).Should().BeGreaterThanOrEqualTo(20);
        lines[1..].Count(static line => line.Contains(",after,", StringComparison.Ordinal)).Should().BeGreaterThanOrEqualTo(49);
        lines[1..].Select(static line => long.Parse(line.Split(',')[0], System.Globalization.CultureInfo.InvariantCulture)).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        test.Manifest(request.Id).Cost!.Values.Should().ContainEquivalentOf(new CostValue("gpu_power_watts", 500, 500, 500));
    }

    [Fact]
    public async Task The_same_id_is_taken_once_over_a_restart_too()
    {
        await test.StartAsync();
        var request = test.Request();
        test.Take(request);
        await test.StopAsync();
        await test.StartAsync();

        test.Service.Request(request).IsAccepted.Should().BeTrue();
        test.Take(test.Request()).Stage.Should().Be(CaptureStage.Done);

        test.System.Recorded.Should().ContainSingle(id => id == request.Id);
        test.Events(request.Id).Count(static stage => stage == "done").Should().Be(1);
    }

    [Fact]
    public async Task One_capture_is_recorded_at_a_time()
    {
        await test.StartAsync();
        var requests = Enumerable.Range(0, 5).Select(_ => test.Request()).ToArray();
        Parallel.ForEach(requests, request => test.Service.Request(request));

        foreach (var request in requests) test.End(request.Id).Stage.Should().Be(CaptureStage.Done);

        test.System.MostActive.Should().Be(1);
        test.System.Recorded.Should().BeEquivalentTo(requests.Select(static request => request.Id));
    }

    [Fact]
    public async Task Counters_alone_are_enough_where_nobody_named_a_profiler()
    {
        test.System.Ability = new ProfilerAbility(Can: false, CaptureRefusal.PerfmonBusy, "DCGM has them");
        await test.StartAsync();
        var request = test.Request();

        test.Take(request).Stage.Should().Be(CaptureStage.Done);

        test.Manifest(request.Id).Runs.Select(static run => (run.Profiler, run.Refusal)).Should().BeEquivalentTo(
            [("counters", (CaptureRefusal?)null), ("nsys_session", CaptureRefusal.SessionNotReachable), ("kineto", CaptureRefusal.UnsafePytorch), ("nsys_system", CaptureRefusal.PerfmonBusy)]);
    }

    [Fact]
    public async Task A_profiler_that_was_named_and_cannot_refuses_the_capture()
    {
        await test.StartAsync();
        var request = test.Request(ProfilerNames.Kineto);

        var end = test.Take(request);

        (end.Stage, end.Refusal).Should().Be((CaptureStage.Refused, CaptureRefusal.UnsafePytorch));
        end.Words.Should().Be("refused: unsafe_pytorch: kineto: torch 2.6");
        test.Service.Request(request).Words.Should().Be(end.Words);
        test.Journal.Events.Single(record => record.Title.Contains("refused", StringComparison.Ordinal)).Evidence.Details.Should().Contain(CaptureEventDetails.Refusal, "unsafe_pytorch");
    }

    [Fact]
    public async Task Kineto_and_a_session_never_record_together()
    {
        test.Session.Ability = test.Kineto.Ability = new ProfilerAbility(Can: true, Refusal: null, "ready");
        await test.StartAsync();
        var request = test.Request(ProfilerNames.NsysSystem, ProfilerNames.Kineto, ProfilerNames.NsysSession);

        test.Take(request).Stage.Should().Be(CaptureStage.Done);

        test.Session.Recorded.Should().BeEmpty();
        test.Manifest(request.Id).Runs.Single(static run => run.Profiler == "nsys_session").Words.Should().Be("cannot run beside kineto");
        test.Kineto.Recorded.Should().ContainSingle();
        test.System.Recorded.Should().ContainSingle();
    }

    [Fact]
    public async Task A_recording_that_costs_the_workload_too_much_is_ended()
    {
        test.System.Recording = () => test.Node.Power = Fallen(test.Time.GetUtcNow());
        await test.StartAsync();
        var request = test.Request() with { DurationSeconds = 60 };

        var end = test.Take(request);

        end.Stage.Should().Be(CaptureStage.Aborted);
        end.Words.Should().Contain("fell by").And.Contain("capture.abort_drop_ratio");
        var manifest = test.Manifest(request.Id);
        manifest.Cost!.Aborted.Should().BeTrue();
        manifest.Cost.WorstDropRatio.Should().BeGreaterThan(0.5);
        (manifest.RecordedTo - manifest.RecordedFrom).Should().BeLessThan(TimeSpan.FromSeconds(30));
        manifest.Runs.Single(static run => run.Profiler == "nsys_system").Words.Should().Be("cut short");

        static Func<int, DateTimeOffset, float> Fallen(DateTimeOffset from) => (_, at) => at < from ? 500 : 100;
    }

    [Fact]
    public async Task A_recording_of_the_usual_length_is_ended_too_when_it_costs_too_much()
    {
        test.System.Recording = () =>
        {
            var from = test.Time.GetUtcNow();
            test.Node.Power = (_, at) => at < from ? 500 : 100;
        };
        await test.StartAsync();

        test.Take(test.Request() with { DurationSeconds = test.Settings.DefaultDuration.TotalSeconds }).Stage.Should().Be(CaptureStage.Aborted);
    }

    [Theory]
    [InlineData(60, CaptureStage.Failed)]
    [InlineData(100, CaptureStage.Done)]
    public async Task A_profiler_gets_the_time_that_it_says_it_needs_to_write(int slack, CaptureStage end)
    {
        (test.System.Writing, test.System.Slack) = (TimeSpan.FromSeconds(80), TimeSpan.FromSeconds(slack));
        await test.StartAsync();

        test.Take(test.Request()).Stage.Should().Be(end);
    }

    [Fact]
    public async Task A_disk_that_runs_short_ends_a_recording_and_refuses_the_next()
    {
        test.Settings.FreeSpaceFloorBytes = 1L << 30;
        test.System.Recording = () => test.FreeBytes = 1L << 29;
        await test.StartAsync();

        test.Take(test.Request() with { DurationSeconds = 60 }).Should().Match<CaptureProgress>(static end => end.Stage == CaptureStage.Failed && end.Words.Contains("512 MiB are free, 1024 MiB must stay"));
        test.Take(test.Request()).Refusal.Should().Be(CaptureRefusal.DiskFloor);
    }

    [Fact]
    public async Task A_profiler_that_does_not_come_back_is_given_up_and_cleaned_up()
    {
        test.System.Hangs = true;
        await test.StartAsync();
        var request = test.Request();

        test.Take(request).Stage.Should().Be(CaptureStage.Failed);

        test.System.CleanedUp.Should().Contain(request.Id);
        test.Manifest(request.Id).Runs.Single(static run => run.Profiler == "nsys_system").Words.Should().Contain("did not end");
    }

    [Fact]
    public async Task A_report_over_the_limit_is_left_out_and_the_counters_stay()
    {
        test.Settings.MaximumBundleBytes = 300_000;
        test.System.ReportBytes = 280_000;
        await test.StartAsync();
        var request = test.Request(ProfilerNames.NsysSystem);

        test.Take(request).Stage.Should().Be(CaptureStage.Failed);

        test.Manifest(request.Id).Files.Select(static file => file.Name).Should().Contain("counters-gpu0.csv").And.NotContain("nsys_system-report.bin");
    }

    [Fact]
    public async Task A_rule_needs_room_in_the_clusters_budget()
    {
        await test.StartAsync();
        test.Lease = new CaptureLeaseAnswer(Granted: false, CaptureRefusal.Budget, "5 of 5 captures run");
        test.Take(test.OfRule()).Words.Should().Be("refused: budget: 5 of 5 captures run");
        test.Lease = null;
        test.Take(test.OfRule("other")).Stage.Should().Be(CaptureStage.Done);
        test.Settings.WithoutCollector = BudgetUnknown.Refuse;
        test.Take(test.OfRule("third")).Refusal.Should().Be(CaptureRefusal.Budget);
        test.Take(test.Request()).Stage.Should().Be(CaptureStage.Done, "a person needs no lease");
        test.Leases.Should().HaveCount(3);
        test.Leases[0].Should().Match<CaptureLeaseRequest>(static lease => lease.Rule == "straggler" && lease.Gpu == "GPU-0" && lease.Node == "node-1");
    }

    [Fact]
    public async Task A_sound_peer_is_captured_as_control()
    {
        (test.Node.Users[0], test.Node.Users[1]) = ([7], [8]);
        await test.StartAsync();
        var request = test.OfRule() with { WantsControl = true };
        test.Take(request);
        test.Until(() => test.Told.Any(static one => one.Stage == CaptureStage.Done && one.Words.Length > 0) && test.Service.Known().Count == 2 && test.Service.Known().All(static known => known.Progress.IsOver));

        var control = test.Service.Known().Single(known => known.Request.ControlOf == request.Id);

        control.Request.Trigger.Kind.Should().Be(TriggerKinds.Control);
        var (victim, peer) = (test.Manifest(request.Id), test.Manifest(control.Request.Id));
        peer.Gpus.Single().Index.Should().Be(1);
        (peer.RecordedFrom, peer.RecordedTo).Should().Be((victim.RecordedFrom, victim.RecordedTo));
        peer.Files.Select(static file => file.Name).Should().Contain("counters-gpu1.csv");
    }

    [Fact]
    public async Task A_peer_with_a_rule_of_its_own_is_no_control()
    {
        (test.Node.Users[0], test.Node.Users[1]) = ([7], [8]);
        test.Node.Firing.Add(1);
        await test.StartAsync();

        test.Take(test.OfRule() with { WantsControl = true }).Stage.Should().Be(CaptureStage.Done);

        test.Service.Known().Should().ContainSingle();
    }

    [Fact]
    public async Task Bundles_wait_for_the_collector_and_go_when_it_has_them()
    {
        test.IsShipped = true;
        await test.StartAsync();
        ICaptureOutbox outbox = test.Service;
        var arrives = outbox.WaitAsync(TestContext.Current.CancellationToken);
        arrives.IsCompleted.Should().BeFalse();
        var request = test.Request();
        test.Service.Request(request);
        test.Until(() => outbox.Waiting().Count == 1 && arrives.IsCompleted);
        outbox.Waiting()[0].Directory.Should().Be(Path.Combine(test.Root, request.Id));
        test.Service.Progress(request.Id)!.Stage.Should().Be(CaptureStage.Uploading);

        outbox.Report(request.Id, 0.431);
        test.Service.Progress(request.Id)!.Words.Should().Be("uploading 43 %");
        outbox.Taken(request.Id);

        test.End(request.Id).Stage.Should().Be(CaptureStage.Done);
        outbox.Waiting().Should().BeEmpty();
        Directory.GetDirectories(test.Root).Should().BeEmpty();
        test.Events(request.Id).Should().Equal("queued", "armed", "recording", "exporting", "uploading", "done");
    }

    [Fact]
    public async Task The_oldest_bundles_go_first_but_never_those_that_are_pinned_or_being_read()
    {
        test.Settings.MaximumBundleBytes = 1_000_000;
        test.Settings.MaximumTotalBytes = 1_400_000;
        await test.StartAsync();
        var requests = Enumerable.Range(0, 4).Select(number => test.Request() with { Pinned = number == 0 }).ToArray();
        test.Take(requests[0]);
        test.Take(requests[1]);
        var held = ((ICaptureOutbox)test.Service).Hold(requests[1].Id);
        test.Settings.MaximumTotalBytes = 1_000_000 + test.Service.Bytes + test.Service.Bytes / 2 + 1;
        test.Take(requests[2]);
        test.Settings.MaximumTotalBytes = 1_000_000 + test.Service.Bytes - 1;
        test.Take(requests[3]);
        Directory.GetDirectories(test.Root).Select(Path.GetFileName).Should().BeEquivalentTo([requests[0].Id, requests[1].Id, requests[3].Id]);
        test.Service.Removed.Should().Be(1);

        held!.Dispose();
        test.Settings.MaximumTotalBytes = 1_000_001;
        test.Take(test.Request()).Should().Match<CaptureProgress>(static end => end.Refusal == CaptureRefusal.DiskQuota && end.Words.Contains("capture.maximum_total_bytes"));
        Directory.GetDirectories(test.Root).Should().ContainSingle("the pinned one stays").Which.Should().EndWith(requests[0].Id);
    }

    [Fact]
    public async Task What_is_asked_for_while_the_agent_ends_is_refused()
    {
        await test.StartAsync();
        var service = test.Service;
        await test.StopAsync();

        service.Request(test.Request()).Refusal.Should().Be(CaptureRefusal.Stopping);
    }
}
