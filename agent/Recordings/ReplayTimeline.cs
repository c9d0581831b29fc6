using System.Globalization;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Rules;

namespace Monitoring.Agent.Recordings;

/// <summary>A rule fired or cleared in a replay.</summary>
/// <param name="UnixMicroseconds">When.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Gpu">The GPU; null for the node.</param>
/// <param name="Instance">Values of the rule's own labels; empty for none.</param>
/// <param name="IsFiring">True where it fired.</param>
/// <param name="Acts">What it would have done: <c>event</c>, <c>event, capture</c>, or why not.</param>
/// <param name="Why">What it saw.</param>
internal sealed record ReplayEntry(long UnixMicroseconds, RuleDefinition Rule, GpuSubject? Gpu, string Instance, bool IsFiring, string Acts, string Why)
{
    /// <summary>Such as <c>GPU 3</c>, <c>node (mlx5_0,1)</c>; an instance that only repeats the GPU is left out.</summary>
    internal string Subject
    {
        get
        {
            var index = Gpu is { Index: >= 0 and var known } ? known.ToString(CultureInfo.InvariantCulture) : Gpu?.PciBusId;
            return (index is null ? "node" : $"GPU {index}") + (Instance.Length > 0 && Instance != index ? $" ({Instance})" : "");
        }
    }

    /// <summary>Equal in two replays where the same thing happened.</summary>
    internal (long, string, string, string, bool) Identity => (UnixMicroseconds, Rule.Name, Gpu?.Uuid ?? "", Instance, IsFiring);

    /// <summary>When, in ISO 8601 with milliseconds.</summary>
    internal string Time => Text(UnixMicroseconds);

    internal static string Text(long unixMicroseconds) =>
        DateTimeOffset.UnixEpoch.AddMicroseconds(unixMicroseconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>What became of one rule in a replay.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Fired">How often it fired.</param>
/// <param name="Firing">How long, all GPUs added up.</param>
/// <param name="Captures">Captures that it would have taken.</param>
/// <param name="Suppressed">Events and captures that limits would have kept back.</param>
/// <param name="StillFiring">For how many GPUs, or instances, it fired at the end.</param>
internal sealed record ReplayCount(RuleDefinition Rule, int Fired, TimeSpan Firing, int Captures, int Suppressed, int StillFiring);

/// <summary>Takes down what the rules of one set do in a replay.</summary>
internal sealed class ReplayTimeline(IReadOnlyList<RuleDefinition> rules) : IRuleListener
{
    private readonly List<ReplayEntry> entries = [];
    private readonly Dictionary<(string Rule, string Gpu, string Instance), long> firing = [];
    private readonly Dictionary<string, ReplayCount> counts = rules.ToDictionary(static rule => rule.Name, static rule => new ReplayCount(rule, 0, TimeSpan.Zero, 0, 0, 0));

    /// <summary>What happened, in its order.</summary>
    internal IReadOnlyList<ReplayEntry> Entries => entries;

    /// <summary>A count per rule, in their order.</summary>
    internal IReadOnlyList<ReplayCount> Counts => [.. rules.Select(rule => counts[rule.Name])];

    public void Changed(RuleChange change)
    {
        var key = (change.Rule.Name, change.Gpu?.Uuid ?? "", change.Instance);
        var count = counts[change.Rule.Name];
        entries.Add(new ReplayEntry(change.UnixMicroseconds, change.Rule, change.Gpu, change.Instance, change.IsFiring, Acts(change), change.Why));
        if (change.IsFiring)
        {
            firing[key] = change.UnixMicroseconds;
            counts[change.Rule.Name] = count with
            {
                Fired = count.Fired + 1,
                Captures = count.Captures + (change.WantsCapture ? 1 : 0),
                Suppressed = count.Suppressed + (IsEventHeldBack(change) ? 1 : 0) + (IsCaptureHeldBack(change) ? 1 : 0),
            };
        }
        else if (firing.Remove(key, out var since))
        {
            counts[change.Rule.Name] = count with { Firing = count.Firing + TimeSpan.FromMicroseconds(Math.Max(0, change.UnixMicroseconds - since)) };
        }
    }

    /// <summary>The recording is over; what still fires did so until then.</summary>
    internal void End(long unixMicroseconds)
    {
        foreach (var (key, since) in firing)
        {
            var count = counts[key.Rule];
            counts[key.Rule] = count with { Firing = count.Firing + TimeSpan.FromMicroseconds(Math.Max(0, unixMicroseconds - since)), StillFiring = count.StillFiring + 1 };
        }
    }

    private static string Acts(RuleChange change)
    {
        if (!change.IsFiring) return "";
        if (change.Rule.Shadow) return "nothing: in shadow";
        if (change.ToldBy.Length > 0) return $"nothing: told by {change.ToldBy}";
        List<string> acts = [];
        if (change.Event is not null) acts.Add("event");
        else if (IsEventHeldBack(change)) acts.Add($"no event: {change.Rule.Limits.Events.ToString(CultureInfo.InvariantCulture)} in {Settings.Values.Duration.Format(change.Rule.Limits.Window)} are the limit");
        if (change.WantsCapture) acts.Add("capture");
        else if (IsCaptureHeldBack(change)) acts.Add(change.Event?.Capture ?? "no capture: a limit");
        return acts.Count == 0 ? "nothing" : string.Join(", ", acts);
    }

    private static bool IsEventHeldBack(RuleChange change) => change is { Rule.Shadow: false, ToldBy: "" } && change.Rule.Actions.HasFlag(RuleActions.Event) && change.Event is null;

    private static bool IsCaptureHeldBack(RuleChange change) => change is { Rule.Shadow: false, ToldBy: "" } && change.Rule.Actions.HasFlag(RuleActions.Capture) && !change.WantsCapture;
}
