using Monitoring.Agent.Capture.Profilers;
using Monitoring.Contracts.Captures;

namespace Monitoring.Tests.Agent.Capture;

/// <summary>A profiler that records for its time into a file, and remembers what it was asked.</summary>
internal sealed class FakeProfiler(string name, TimeProvider time) : IProfiler
{
    private const string Report = "report.bin";

    public string Name => name;

    public bool NeedsPerformanceCounters { get; set; }

    internal ProfilerAbility Ability { get; set; } = new(Can: true, Refusal: null, "ready", "1.2");

    /// <summary>What recording does beyond waiting.</summary>
    internal Action? Recording { get; set; }

    internal int ReportBytes { get; set; } = 1000;

    /// <summary>What it says of its recording; null for what became of it.</summary>
    internal string? Words { get; set; }

    public TimeSpan Slack { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long exporting takes; ended before, it says so in words, as a profiler whose program was ended does.</summary>
    internal TimeSpan ExportTime { get; set; }

    /// <summary>How long it takes beyond the duration to write what it recorded.</summary>
    internal TimeSpan Writing { get; set; }

    /// <summary>True: it does not come back, whatever it is told.</summary>
    internal bool Hangs { get; set; }

    internal int Active { get; private set; }

    internal int MostActive { get; private set; }

    internal List<string> Recorded { get; } = [];

    internal List<string> CleanedUp { get; } = [];

    internal List<DateTimeOffset> Began { get; } = [];

    /// <summary>How often it was asked what it can do.</summary>
    internal int Asked { get; private set; }

    public Task<ProfilerAbility> AbilityFor(CaptureScope? scope, CancellationToken cancellationToken)
    {
        Asked++;
        return Task.FromResult(Ability);
    }

    public async Task<ProfilerOutcome> RecordAsync(ProfilerTask task, CancellationToken cancellationToken)
    {
        MostActive = Math.Max(MostActive, ++Active);
        try
        {
            Recorded.Add(task.CaptureId);
            if (task.StartAt - time.GetUtcNow() is { } wait && wait > TimeSpan.Zero) await Task.Delay(wait, time, cancellationToken);
            Began.Add(time.GetUtcNow());
            task.Progress.Report(0);
            var raw = Path.Combine(task.ScratchDirectory, $"{name}-{Report}");
            await File.WriteAllBytesAsync(raw, new byte[ReportBytes], CancellationToken.None);
            Recording?.Invoke();
            if (Hangs) await new TaskCompletionSource().Task;
            var early = false;
            try
            {
                await Task.Delay(task.Duration, time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                early = true;
            }
            if (Writing > TimeSpan.Zero) await Task.Delay(Writing, time, CancellationToken.None);
            return new ProfilerOutcome(new ProfilerRun(name, Succeeded: true, Words: Words ?? (early ? "cut short" : "whole")), [], [raw]);
        }
        finally
        {
            Active--;
        }
    }

    /// <summary>Moves the report as the real ones do.</summary>
    public async Task<ProfilerOutcome> ExportAsync(ProfilerTask task, ProfilerOutcome recorded, CancellationToken cancellationToken)
    {
        if (RecordedFile.Find(task, recorded.Raw[0]) is null) return recorded with { Run = recorded.Run with { Succeeded = false, Words = $"there is no {name}-{Report}" } };
        RecordedFile.Keep(task, recorded.Raw[0]);
        var (words, summary) = (recorded.Run.Words, new ProfilerSummary(name));
        try
        {
            if (ExportTime > TimeSpan.Zero) await Task.Delay(ExportTime, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            (words, summary) = ($"{words}; it was taken back", null);
        }
        return recorded with { Run = recorded.Run with { Words = words }, Files = [new ProfilerFile($"{name}-{Report}", CaptureFileKinds.Report, "application/octet-stream")], Raw = [], Summary = summary };
    }

    public Task CleanUpAsync(string captureId, CancellationToken cancellationToken)
    {
        CleanedUp.Add(captureId);
        return Task.CompletedTask;
    }
}
