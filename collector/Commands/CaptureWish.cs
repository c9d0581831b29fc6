using System.Globalization;
using System.Text.Json;
using Monitoring.Collector.Fleet;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;

namespace Monitoring.Collector.Commands;

/// <summary>Captures that a person, an alert or a schedule wants, checked.</summary>
/// <param name="Key">What makes it the same wish when it comes again.</param>
/// <param name="Digest">Of what it says, to tell another wish under the same key from it.</param>
/// <param name="Trigger">Who or what asks.</param>
/// <param name="Targets">What to capture, one for each node.</param>
/// <param name="DurationSeconds">How long to record.</param>
/// <param name="By">Who asks, for the audit.</param>
/// <param name="Remote">Where from; empty for the collector itself.</param>
internal sealed record CaptureWish(string Key, string Digest, CaptureTrigger Trigger, IReadOnlyList<CaptureTarget> Targets, double DurationSeconds, string By, string Remote)
{
    private const int LongestName = 128;
    private const int LongestReason = 1000;

    // The start time is on several nodes' clocks: one that is further away is a mistake of units.
    private static readonly TimeSpan FurthestStart = TimeSpan.FromHours(1);

    public IReadOnlyList<string> Profilers { get; init; } = [];

    public DateTimeOffset? StartAt { get; init; }

    public bool CpuSampling { get; init; }

    public bool WantsControl { get; init; }

    public bool Pinned { get; init; }

    public bool IsForced { get; init; }

    /// <summary>True where a wish of which nothing was taken may be tried again under the same key.</summary>
    public bool MayBeTriedAgain { get; init; }

    /// <summary>Reads a person's wish; null, with every mistake in <paramref name="problems"/>, where it is none.</summary>
    public static CaptureWish? Of(CaptureOrder order, string? key, string remote, CommandSettings settings, IReadOnlyList<string> connected, JobDirectory jobs, TimeProvider time, List<FieldProblem> problems)
    {
        var selector = NodeSelector.Of(order, problems);
        var by = order.By is { Length: > 0 } name ? name : "anonymous";
        if (by.Length > LongestName) problems.Add(new FieldProblem("by", ApiAnswer.Shown(by), $"a name of at most {LongestName} characters"));
        if (order.Reason is { Length: > LongestReason } reason) problems.Add(new FieldProblem("reason", ApiAnswer.Shown(reason), $"at most {LongestReason} characters"));
        var duration = CheckDuration(order.DurationSeconds, "duration_seconds", settings, problems);
        CheckProfilers(order.Profilers ?? [], "profilers", problems);
        if (order.Pid is <= 0) problems.Add(new FieldProblem("pid", order.Pid.Value.ToString(CultureInfo.InvariantCulture), "the number of a process, above 0"));
        var now = time.GetUtcNow();
        if (order.StartAt is { } start && (start <= now || start > now + FurthestStart))
            problems.Add(new FieldProblem("start_at", start.ToString("O", CultureInfo.InvariantCulture), $"a time within the next hour; the collector's clock says {now:yyyy-MM-ddTHH:mm:ss.fffZ}"));
        if (key is { Length: > LongestName }) problems.Add(new FieldProblem("Idempotency-Key", ApiAnswer.Shown(key), $"at most {LongestName} characters"));
        if (problems.Count > 0) return null;

        var targets = selector.Resolve(connected, jobs, order.Pid);
        if (targets.Count > settings.MaxNodesPerRequest)
            problems.Add(new FieldProblem("selector", $"{targets.Count} nodes", $"at most {settings.MaxNodesPerRequest} (commands.max_nodes_per_request): name fewer"));
        if (targets.Count == 0)
            problems.Add(new FieldProblem("selector", order.Selector ?? (selector.Job.Length > 0 ? $"job={selector.Job}" : string.Join(",", selector.Nodes)), $"something that a connected node has; {connected.Count} nodes are connected"));
        if (problems.Count > 0) return null;
        var digest = Contracts.Events.EventId.Of(JsonSerializer.Serialize(order, OrderJson.Default.CaptureOrder));
        return new CaptureWish(key ?? Guid.NewGuid().ToString("N"), digest, new CaptureTrigger(TriggerKinds.Person, by, order.Reason ?? ""), targets, duration, by, remote)
        {
            Profilers = order.Profilers ?? [], StartAt = order.StartAt, CpuSampling = order.CpuSampling, WantsControl = order.Control, Pinned = order.Pin, IsForced = order.Force,
        };
    }

    /// <summary>The duration of a wish, checked.</summary>
    public static double CheckDuration(double? seconds, string field, CommandSettings settings, List<FieldProblem> problems)
    {
        const double Usual = 5;
        var duration = seconds ?? Usual;
        if (!(duration >= 0.1 && duration <= settings.MaxDuration.TotalSeconds))
            problems.Add(new FieldProblem(field, duration.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"0.1 to {settings.MaxDuration.TotalSeconds} seconds (commands.max_duration)")));
        return duration;
    }

    /// <summary>Adds a mistake for each name that is no profiler.</summary>
    public static void CheckProfilers(IReadOnlyList<string> profilers, string field, List<FieldProblem> problems)
    {
        foreach (var name in profilers.Where(static name => !ProfilerNames.All.Contains(name)).Take(ProfilerNames.All.Count))
            problems.Add(new FieldProblem(field, ApiAnswer.Shown(name), $"one of {string.Join(", ", ProfilerNames.All)}"));
        if (profilers.Count > ProfilerNames.All.Count) problems.Add(new FieldProblem(field, $"{profilers.Count} names", $"at most {ProfilerNames.All.Count}"));
    }
}
