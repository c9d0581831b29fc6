using System.Text.Json.Nodes;
using FluentAssertions;
using Monitoring.Agent.Capture;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Capture;

/// <summary>
/// The agent may end at any moment. After each step on the disk the disk and the journal are copied, as a sudden end would leave them, and
/// a second agent is started on the copy: every capture that was accepted has one end, and nothing is left that no capture owns.
/// </summary>
public sealed class CaptureRecoveryTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("capture-ends-").FullName;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task A_sudden_end_after_any_step_loses_and_doubles_nothing(bool isShipped, bool wantsControl)
    {
        var ends = await PlayAsync(isShipped, wantsControl);

        ends.Should().HaveCountGreaterThan(20);
        foreach (var end in ends) await CheckAsync(end, isShipped);
    }

    [Fact]
    public async Task What_was_recorded_is_exported_by_the_next_agent()
    {
        await using var test = new CaptureUnderTest();
        await test.StartAsync();
        var request = test.Request() with { DurationSeconds = 30 };
        test.Service.Request(request);
        test.Until(() => test.Service.Progress(request.Id)?.Stage == CaptureStage.Recording);
        await test.StopAsync();
        Directory.Exists(Path.Combine(test.Root, request.Id)).Should().BeFalse();

        await test.StartAsync();

        test.End(request.Id).Should().Match<CaptureProgress>(static end => end.Stage == CaptureStage.Done && end.Words.StartsWith("ended early: the agent was stopped"));
        test.System.Recorded.Should().ContainSingle();
    }

    [Fact]
    public async Task What_was_being_exported_is_exported_again_by_the_next_agent()
    {
        await using var test = new CaptureUnderTest();
        (test.System.ExportTime, test.Settings.CountersAfter) = (TimeSpan.FromSeconds(30), TimeSpan.Zero);
        await test.StartAsync();
        var request = test.Request();
        test.Service.Request(request);
        test.Until(() => File.Exists(Path.Combine(test.Root, request.Id + ".part", "nsys_system-report.bin")));
        await test.StopAsync();
        Directory.Exists(Path.Combine(test.Root, request.Id)).Should().BeFalse();

        await test.StartAsync();

        test.End(request.Id).Stage.Should().Be(CaptureStage.Done);
        var manifest = test.Manifest(request.Id);
        manifest.Runs.Single(static run => run.Profiler == "nsys_system").Words.Should().Be("whole");
        manifest.Files.Select(static file => file.Name).Should().Contain(["nsys_system-report.bin", "summary.json", "counters-gpu0.csv"]);
        test.System.Recorded.Should().ContainSingle();
    }

    [Fact]
    public async Task A_report_that_was_left_out_is_left_out_by_the_next_agent_for_the_same_reason()
    {
        List<string> copies = [];
        await using var test = new CaptureUnderTest();
        (test.Settings.MaximumBundleBytes, test.System.ReportBytes) = (300_000, 280_000);
        var request = test.Request(ProfilerNames.NsysSystem);
        test.Stepped = () =>
        {
            if (!File.Exists(Path.Combine(test.Root, request.Id + ".part", CaptureManifest.FileName))) return;
            copies.Add(Path.Combine(folder, $"{copies.Count}"));
            Copy(test.Root, copies[^1]);
        };
        await test.StartAsync();
        test.Take(request).Stage.Should().Be(CaptureStage.Failed);
        var time = new ManualTimeProvider(test.Time.GetUtcNow());

        await using var next = new CaptureUnderTest(copies.Should().ContainSingle().Subject, time: time);
        (next.Settings.MaximumBundleBytes, next.System.ReportBytes) = (300_000, 280_000);
        await next.StartAsync();

        next.End(request.Id).Stage.Should().Be(CaptureStage.Failed);
        next.Manifest(request.Id).Runs.Single(static run => run.Profiler == "nsys_system").Words.Should().Contain("was left out: a bundle may have");
    }

    [Fact]
    public async Task A_capture_that_was_accepted_and_never_reached_the_disk_is_told_of()
    {
        await using var test = new CaptureUnderTest();
        var id = EventId.Of("lost");
        test.Journal.Append(new EventRecord { Id = EventId.Of("e"), Time = test.Time.GetUtcNow(), Node = "node-1", Kind = EventKinds.Anomaly, Rule = "hot", Phase = EventPhase.Started, Title = "hot", Capture = $"accepted: {id}" });

        await test.StartAsync();

        test.End(id).Should().Match<CaptureProgress>(static end => end.Stage == CaptureStage.Failed && end.Words.StartsWith("interrupted"));
    }

    [Fact]
    public async Task What_waited_over_a_restart_is_not_refused_because_gpus_are_still_being_opened()
    {
        await using var test = new CaptureUnderTest();
        await test.StartAsync();
        var waiting = test.Request() with { StartAt = test.Time.GetUtcNow() + TimeSpan.FromSeconds(8) };
        test.Service.Request(waiting);
        await test.StopAsync();
        test.Node.IsSettled = false;
        await test.StartAsync();
        var early = test.Request();

        test.Service.Request(early).IsAccepted.Should().BeTrue();
        var until = test.Time.GetUtcNow() + TimeSpan.FromSeconds(20);
        test.Until(() => test.Time.GetUtcNow() > until);
        test.Service.QueueLength.Should().BeGreaterThan(0);
        test.Node.IsSettled = true;

        test.End(waiting.Id).Stage.Should().Be(CaptureStage.Done);
        test.End(early.Id).Stage.Should().Be(CaptureStage.Done);
    }

    [Fact]
    public async Task A_GPU_that_is_opened_while_it_is_looked_for_is_not_unknown()
    {
        await using var test = new CaptureUnderTest();
        await test.StartAsync();
        (test.Node.IsSettled, test.Node.OpensAfterALook) = (false, true);
        var early = test.Request();

        test.Service.Request(early).IsAccepted.Should().BeTrue();

        test.End(early.Id).Stage.Should().Be(CaptureStage.Done);
    }

    [Fact]
    public async Task A_ledger_that_cannot_be_read_costs_no_bundle()
    {
        await using var test = new CaptureUnderTest();
        await test.StartAsync();
        var request = test.Request();
        test.Take(request);
        await test.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(test.Root, "ledger.json"), "{\"queue\":[null]", TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Path.Combine(test.Root, EventId.Of("stray") + ".part"));

        await test.StartAsync();

        test.Until(() => test.Service.Progress(request.Id)?.Stage == CaptureStage.Done);
        Directory.GetDirectories(test.Root).Should().ContainSingle();
        File.Exists(Path.Combine(test.Root, "ledger.json.damaged")).Should().BeTrue();
    }

    [Fact]
    public async Task Cooldowns_and_the_hours_budget_outlive_a_restart()
    {
        await using var test = new CaptureUnderTest();
        await test.StartAsync();
        test.Take(test.OfRule()).Stage.Should().Be(CaptureStage.Done);
        await test.StopAsync();
        await test.StartAsync();

        test.Service.Request(test.OfRule()).Words.Should().StartWith("refused: cooldown: straggler took one of GPU 0 ").And.EndWith("the cooldown is 10m (capture.cooldown)");
        test.Service.Request(test.OfRule(gpu: 1)).IsAccepted.Should().BeTrue();
    }

    [Fact]
    public async Task A_refusal_after_a_restart_gives_back_what_was_taken_before_it()
    {
        await using var test = new CaptureUnderTest();
        await test.StartAsync();
        test.Settings.CapturesPerHour = 1;
        var request = test.OfRule() with { StartAt = test.Time.GetUtcNow() + TimeSpan.FromSeconds(8) };
        test.Service.Request(request);
        await test.StopAsync();
        test.Lease = new CaptureLeaseAnswer(Granted: false, CaptureRefusal.Budget, "5 of 5 captures run");
        await test.StartAsync();
        test.End(request.Id).Refusal.Should().Be(CaptureRefusal.Budget);
        test.Time.Advance(CapturePolicy.RefusedPause);

        test.Service.Request(test.OfRule()).IsAccepted.Should().BeTrue();
    }

    [Fact]
    public async Task A_ledger_of_an_older_agent_is_read()
    {
        await using var test = new CaptureUnderTest();
        await test.StartAsync();
        test.Take(test.OfRule()).Stage.Should().Be(CaptureStage.Done);
        await test.StopAsync();
        var path = Path.Combine(test.Root, CaptureLedger.FileName);
        var ledger = JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!.AsObject();
        ledger.Remove("charges").Should().BeTrue();
        await File.WriteAllTextAsync(path, ledger.ToJsonString(), TestContext.Current.CancellationToken);

        await test.StartAsync();

        test.Service.Known().Should().ContainSingle();
        test.Service.Request(test.OfRule()).Refusal.Should().Be(CaptureRefusal.Cooldown);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task<List<SuddenEnd>> PlayAsync(bool isShipped, bool wantsControl)
    {
        List<SuddenEnd> ends = [];
        await using var test = new CaptureUnderTest { IsShipped = isShipped };
        (test.Node.Users[0], test.Node.Users[1]) = ([7], [8]);
        string[] asked = [];
        test.Stepped = () =>
        {
            lock (ends)
            {
                var copy = Path.Combine(folder, $"{ends.Count}");
                while (!TryCopy(test.Root, copy)) Directory.Delete(copy, recursive: true);
                ends.Add(new SuddenEnd(copy, [.. test.Journal.Events], [.. asked], test.Time.GetUtcNow()));
            }
        };
        await test.StartAsync();
        var first = test.OfRule() with { WantsControl = wantsControl };
        var second = test.Request();
        asked = [first.Id, second.Id];
        test.Service.Request(first);
        test.Service.Request(second);
        foreach (var id in asked)
        {
            if (isShipped)
            {
                test.Until(() => test.Service.Progress(id)?.Stage == CaptureStage.Uploading);
                ((ICaptureOutbox)test.Service).Taken(id);
            }
            test.End(id).Stage.Should().Be(CaptureStage.Done);
        }
        return ends;
    }

    private static async Task CheckAsync(SuddenEnd end, bool isShipped)
    {
        var journal = new ListedJournal();
        foreach (var record in end.Events) journal.Append(record);
        var time = new ManualTimeProvider(end.Time);
        await using var test = new CaptureUnderTest(end.Directory, journal, time) { IsShipped = isShipped };
        await test.StartAsync();
        var known = test.Service.Known().Select(static one => one.Request.Id).ToArray();
        test.Until(() => Settled(test.Service, isShipped));

        foreach (var id in test.Service.Known().Select(static one => one.Request.Id))
        {
            var progress = test.Service.Progress(id)!;
            var isKept = progress.Stage == CaptureStage.Uploading || (progress.Stage == CaptureStage.Done && !isShipped);
            progress.Stage.Should().BeOneOf(CaptureStage.Done, CaptureStage.Failed, CaptureStage.Uploading);
            if (progress.Stage == CaptureStage.Failed) progress.Words.Should().StartWith("interrupted");
            test.Until(() => File.Exists(Path.Combine(end.Directory, id, CaptureManifest.FileName)) == isKept);
            if (isKept) CheckBundle(test, id);
            test.Until(() => test.Events(id).Any());
            var stages = test.Events(id).ToArray();
            stages.Should().OnlyHaveUniqueItems();
            stages.Count(static stage => stage is "done" or "failed").Should().BeLessThanOrEqualTo(1);
        }
        test.Service.Known().Select(static one => one.Request.Id).Should().Contain(known);
        // What was told as queued was accepted for good.
        foreach (var id in end.Asked.Where(id => end.Events.Any(record => record.Evidence.Details?.GetValueOrDefault(CaptureEventDetails.Capture) == id))) test.Service.Progress(id).Should().NotBeNull();
        Directory.GetDirectories(end.Directory).Select(Path.GetFileName).Where(static name => !EventId.IsValid(name)).Should().BeEmpty();
    }

    /// <summary>Whatever step the end came after, what was recorded is there and read.</summary>
    private static void CheckBundle(CaptureUnderTest test, string id)
    {
        var manifest = test.Manifest(id);
        manifest.Runs.Where(static run => run.Refusal is null).Should().OnlyContain(static run => run.Succeeded);
        if (manifest.Request.ControlOf is not null) return;
        manifest.Files.Select(static file => file.Name).Should().Contain(["nsys_system-report.bin", "summary.json"]);
        File.Exists(Path.Combine(test.Root, id, "nsys_system-report.bin")).Should().BeTrue();
    }

    private static bool Settled(CaptureService service, bool isShipped) => service.Known().All(one => one.Progress.IsOver || (isShipped && one.Progress.Stage == CaptureStage.Uploading)) && service.QueueLength == 0;

    /// <summary>False where a file went while it was copied: what the collector has is removed by another thread than the one that steps.</summary>
    private static bool TryCopy(string from, string to)
    {
        try
        {
            Copy(from, to);
            return true;
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var path in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }
        foreach (var path in Directory.EnumerateDirectories(from)) Directory.CreateDirectory(Path.Combine(to, Path.GetFileName(path)));
    }

    /// <summary>What a sudden end leaves.</summary>
    private sealed record SuddenEnd(string Directory, IReadOnlyList<EventRecord> Events, IReadOnlyList<string> Asked, DateTimeOffset Time);
}
