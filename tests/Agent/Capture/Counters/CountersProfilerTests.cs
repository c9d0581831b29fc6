using FluentAssertions;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Capture.Counters;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Counters;

/// <summary>The counters are in memory; what was recorded of them must outlive the agent all the same.</summary>
public sealed class CountersProfilerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("counters-").FullName;
    private readonly ManualTimeProvider time = new();
    private readonly CaptureSettings settings = new();

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task An_agent_that_ends_while_it_waits_for_what_comes_after_keeps_readings_and_summary_for_the_next(int secondsAfter)
    {
        var (task, recorded) = Record();
        using var stop = new CancellationTokenSource();
        var exporting = Profiler(new FakeNode(time)).ExportAsync(task, recorded, stop.Token);
        time.Advance(TimeSpan.FromSeconds(secondsAfter));
        await stop.CancelAsync();
        var ended = async () => await exporting;
        await ended.Should().ThrowAsync<OperationCanceledException>();
        time.Advance(TimeSpan.FromMinutes(1));

        var outcome = await Profiler(Unread()).ExportAsync(task, recorded, default);

        outcome.Summary.Should().NotBeNull();
        outcome.Summary!.Notes.Should().Equal(FormattableString.Invariant($"{1221 + 10 * secondsAfter} readings"));
        Phases(task).Should().Equal(secondsAfter == 0 ? ["before", "during"] : ["before", "during", "after"]);
    }

    [Fact]
    public async Task An_agent_that_was_killed_while_it_waited_loses_no_more_than_what_came_after()
    {
        var (task, recorded) = Record();
        time.Advance(TimeSpan.FromMinutes(1));

        var outcome = await Profiler(Unread()).ExportAsync(task, recorded, default);

        outcome.Summary.Should().NotBeNull();
        Phases(task).Should().Equal("before", "during");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>A recording of two seconds.</summary>
    private (ProfilerTask Task, ProfilerOutcome Recorded) Record()
    {
        var scope = new CaptureScope([new CapturedGpu(0, "GPU-0", "H100", Architecture: "hopper")], [], CpuSampling: false);
        var task = new ProfilerTask("id", folder, Directory.CreateDirectory(Path.Combine(folder, "scratch")).FullName, scope, TimeSpan.FromSeconds(2), null, new Progress<double>());
        return (task, Profiler(new FakeNode(time)).Keep(task.BundleDirectory, task.ScratchDirectory, scope, time.GetUtcNow() - task.Duration, time.GetUtcNow()));
    }

    /// <summary>The node as an agent sees it that was started just now.</summary>
    private FakeNode Unread() => new(time) { ReadsSince = time.GetUtcNow() };

    private CountersProfiler Profiler(FakeNode node) => new(node, settings, time, static (windows, _, _, _) =>
        windows.Sum(static window => window.Rows.Count) is > 0 and var rows ? new ProfilerSummary(ProfilerNames.Counters) { Notes = [FormattableString.Invariant($"{rows / 2} readings")] } : null);

    private static IEnumerable<string> Phases(ProfilerTask task) =>
        File.ReadAllLines(Path.Combine(task.BundleDirectory, "counters-gpu0.csv"))[1..].Select(static line => line.Split(',')[1]).Distinct();
}
