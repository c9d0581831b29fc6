using System.Text.RegularExpressions;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;
using GpuMetric = Monitoring.Agent.Sampling.GpuMetric;

namespace Monitoring.Agent.Detection.Rules.Files;

/// <summary>Makes a rule of its map, all layers laid over each other.</summary>
internal sealed partial class RuleReader(RuleMistakes mistakes)
{
    private const int MostGpus = 64;
    private const int MostEvents = 100_000;
    private static readonly TimeSpan MostWait = TimeSpan.FromDays(7);
    private static readonly TimeSpan MostLimit = TimeSpan.FromDays(31);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // What no node allows is no wish: see capture.maximum_duration.
    private static readonly TimeSpan LeastRecording = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MostRecording = TimeSpan.FromMinutes(1);

    /// <summary>The rule; null where it is switched off or wrong.</summary>
    /// <param name="origin">Where it was written, for people.</param>
    /// <param name="known">Names of every rule, for a rule without a trigger whose name may be misspelt.</param>
    internal RuleDefinition? Read(string name, YamlMap map, string origin, IReadOnlyCollection<string> known)
    {
        var before = mistakes.Count;
        var path = $"rules.{name}";
        var reader = new MapReader(map, path, mistakes);
        var isEnabled = reader.Flag("enabled", true);

        var triggers = new TriggerReader(mistakes);
        var when = reader.Take("when");
        if (when is null)
        {
            var nearest = NearestName.Of(name, known.Where(other => other != name));
            mistakes.Add(map.Place, path, null, $"has no 'when' and there is no such rule to change; {(nearest is null ? "give it a trigger or correct its name" : $"did you mean {nearest}?")}");
        }
        var trigger = when is null ? null : triggers.Read(when, reader.PathOf("when"));
        var per = reader.List("per", (node, at) => reader.TextOf(node, at, "the name of a label"));
        var atLeastGpus = reader.Whole("at_least_gpus", 1, 1, MostGpus);
        var filter = Filter(reader);
        var (health, clearedBy, clearedAfter) = Health(reader);
        var rule = new RuleDefinition
        {
            Name = name,
            Description = reader.Text("description", ""),
            Severity = reader.Word("severity", EventSeverity.Warning, RuleWords.Severities),
            Component = reader.Word("component", Components.Performance, RuleWords.Components),
            Filter = filter,
            Trigger = trigger ?? new AllTrigger([]),
            Per = per,
            AtLeastGpus = atLeastGpus,
            For = reader.Time("for", TimeSpan.Zero, TimeSpan.Zero, MostWait),
            ClearFor = reader.Time("clear_for", TimeSpan.Zero, TimeSpan.Zero, MostWait),
            Actions = (RuleActions)reader.List("actions", (node, at) => reader.WordOf<object>(node, at, RuleActions.None, RuleWords.Actions), [RuleActions.Event]).Aggregate(0, static (sum, action) => sum | (int)action),
            Capture = Capture(reader),
            Limits = Limits(reader),
            ToldBy = reader.List("told_by", (node, at) => ToldBy(reader, node, at, name, known)),
            Shadow = reader.Flag("shadow", false),
            Health = health,
            ClearedBy = clearedBy,
            ClearedAfter = clearedAfter,
            SuggestedAction = reader.Text("suggested_action", ""),
            Runbook = Runbook(reader),
            Origin = origin,
        };
        CheckScope(reader, triggers, filter, per, atLeastGpus);
        reader.Finish();
        return mistakes.Count == before && isEnabled ? rule : null;
    }

    /// <summary>Whether a text can name a rule.</summary>
    internal static bool IsName(string name) => RuleName().IsMatch(name);

    /// <summary>A rule looks at the series of a GPU or at those of the node: their frames come at different times and have no common instances.</summary>
    private void CheckScope(MapReader reader, TriggerReader triggers, RuleFilter filter, IReadOnlyList<string> per, int atLeastGpus)
    {
        if (triggers.Remembers && atLeastGpus > 1) mistakes.Add(reader.PlaceOf("at_least_gpus"), reader.PathOf("at_least_gpus"), null, "makes one instance of several GPUs, and 'fallen' remembers each GPU by itself; remove it, or compare with a number");
        var gpu = triggers.Metrics.Find(static named => named.Metric is GpuMetric);
        var node = triggers.Metrics.Find(static named => named.Metric is NodeMetric);
        var looksAtGpu = gpu.Metric is not null || triggers.LooksAtGpu;
        if (node.Metric is not null && looksAtGpu)
            mistakes.Add(node.Place, node.Path, null, $"looks at the node's {node.Metric.Name}, and the rule also looks at {(gpu.Metric is null ? "each GPU" : $"each GPU's {gpu.Metric.Name}")}; write two rules");
        else if (node.Metric is not null)
        {
            foreach (var label in per.Where(label => triggers.Metrics.Exists(named => !named.Metric.LabelNames.Contains(label))))
                mistakes.Add(reader.PlaceOf("per"), reader.PathOf("per"), null, $"names the label {label}, which {triggers.Metrics.Find(named => !named.Metric.LabelNames.Contains(label)).Metric.Name} does not have; name labels that every series of the rule has");
            if (atLeastGpus > 1) mistakes.Add(reader.PlaceOf("at_least_gpus"), reader.PathOf("at_least_gpus"), null, $"counts GPUs, and {node.Metric.Name} is the node's; remove it");
            if (!per.Contains("gpu") && (filter.Gpus.Count > 0 || filter.Models.Count > 0 || filter.Jobs.Count > 0))
                mistakes.Add(reader.PlaceOf("filter"), reader.PathOf("filter"), null, $"chooses GPUs, and {node.Metric.Name} is the node's; choose by nodes alone");
        }
        else if (per.Count > 0)
            mistakes.Add(reader.PlaceOf("per"), reader.PathOf("per"), null, "tells instances of the node's series apart, and the rule looks at GPUs, which are told apart anyway; remove it");
    }

    private string? ToldBy(MapReader reader, YamlNode node, string path, string name, IReadOnlyCollection<string> known)
    {
        const string Form = "the name of a rule that tells of the same incident";
        if (reader.TextOf(node, path, Form) is not { } teller) return null;
        if (teller != name && known.Contains(teller)) return teller;
        mistakes.Add(node.Place, path, teller, teller == name ? $"{Form}, not the rule itself" : $"{Form}; {NearestName.Sentence(teller, [.. known.Where(other => other != name)])}");
        return null;
    }

    private static RuleFilter Filter(MapReader rule)
    {
        if (rule.Section("filter", "a map of nodes, models, gpus and jobs") is not { } reader) return RuleFilter.All;
        var filter = new RuleFilter(Globs("nodes"), Globs("models"), reader.Wholes("gpus", 0, MostGpus - 1), Globs("jobs"));
        reader.Finish();
        return filter;

        IReadOnlyList<string> Globs(string key) => reader.List(key, (node, at) => reader.TextOf(node, at, "a name, in which * stands for any letters and ? for one"));
    }

    private RuleCapture Capture(MapReader rule)
    {
        if (rule.Section("capture", "a map of duration, profilers and control") is not { } reader) return RuleCapture.Default;
        var actions = rule.Map.Entries.FirstOrDefault(static entry => entry.Key == "actions").Value;
        var isAsked = (actions is YamlList list ? list.Items : [actions]).Any(static action => action is YamlScalar { Text: "capture" });
        // A file that changes only the actions leaves the earlier file's 'capture' behind, which is no mistake.
        if (!isAsked && !rule.Map.Entries.Any(entry => entry.Key == "actions" && entry.Place.File != rule.PlaceOf("capture").File))
            mistakes.Add(rule.PlaceOf("capture"), rule.PathOf("capture"), null, "counts only with capture among 'actions'; add it there or remove this");
        TimeSpan? duration = reader.Map.Entries.Any(static entry => entry.Key == "duration") ? reader.Time("duration", TimeSpan.Zero, LeastRecording, MostRecording) : null;
        var capture = new RuleCapture(duration is { } set && set > TimeSpan.Zero ? set : null,
            reader.List("profilers", (node, at) => reader.WordOf(node, at, ProfilerNames.Counters, RuleWords.Profilers)), reader.Flag("control", false));
        reader.Finish();
        return capture;
    }

    private static RuleLimits Limits(MapReader rule)
    {
        var otherwise = RuleLimits.Default;
        if (rule.Section("limits", "a map of events, captures, window and cooldown") is not { } reader) return otherwise;
        var limits = new RuleLimits(
            reader.Whole("events", otherwise.Events, 0, MostEvents),
            reader.Whole("captures", otherwise.Captures, 0, MostEvents),
            reader.Time("window", otherwise.Window, Second, MostLimit),
            reader.Time("cooldown", otherwise.Cooldown, TimeSpan.Zero, MostLimit));
        reader.Finish();
        return limits;
    }

    private (HealthState State, ClearedBy ClearedBy, TimeSpan After) Health(MapReader rule)
    {
        var after = TimeSpan.FromHours(1);
        if (rule.Section("health", "a map of state, cleared_by and after") is not { } reader) return (HealthState.Healthy, ClearedBy.Condition, after);
        _ = reader.Need("state", "what the component becomes: healthy, degraded or unhealthy");
        var state = reader.Word("state", HealthState.Healthy, RuleWords.HealthStates);
        var clearedBy = reader.Word("cleared_by", ClearedBy.Condition, RuleWords.Clearings);
        if (clearedBy == ClearedBy.Time) after = reader.Time("after", after, Second, MostLimit);
        // A file that changes only cleared_by leaves the earlier file's 'after' behind, which is no mistake.
        else if (reader.Take("after") is { } node && !reader.Map.Entries.Any(entry => entry.Key == "cleared_by" && entry.Place.File != node.Place.File)) mistakes.Add(node.Place, reader.PathOf("after"), null, "counts only with cleared_by: time; remove it");
        reader.Finish();
        return (state, clearedBy, after);
    }

    private static string Runbook(MapReader reader)
    {
        const string Form = "the name of a page, such as GpuHwThermalSlowdown, or an http(s) URL";
        return reader.Take("runbook") is { } node ? reader.TextOf(node, reader.PathOf("runbook"), Form, static text => RunbookForm().IsMatch(text)) ?? "" : "";
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
    private static partial Regex RuleName();

    [GeneratedRegex(@"^([A-Za-z][A-Za-z0-9_-]{0,99}|https?://[^\s<>""']+)$")]
    private static partial Regex RunbookForm();
}
