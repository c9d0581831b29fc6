using System.Globalization;
using Monitoring.Agent.Detection.Rules.Predicates;
using Monitoring.Contracts.Events;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>Makes the events of rules.</summary>
internal static class RuleEvents
{
    private const int LongestTitle = 400;
    private const int LongestSentence = 150;
    private const int MostValues = 64;

    /// <summary>The rule fired.</summary>
    /// <param name="instance">Where.</param>
    /// <param name="unixMicroseconds">When.</param>
    /// <param name="why">What the trigger saw.</param>
    /// <param name="suppressed">Acts that limits kept back since the last event.</param>
    /// <param name="withheld">Why no capture is taken; empty where one is, or none was asked for.</param>
    internal static EventRecord Started(RuleInstance instance, long unixMicroseconds, string why, long suppressed, string withheld)
    {
        var (rule, node) = (instance.Program.Rule, instance.Program.Node);
        var details = Details(instance);
        if (rule.Description.Length > 0) details["description"] = rule.Description;
        if (instance.Trigger is QuorumPredicate quorum) details["gpus"] = quorum.Holders;
        if (suppressed > 0) details["suppressed"] = suppressed.ToString(CultureInfo.InvariantCulture);
        var id = EventId.Of(node.BootId, node.Node, rule.Name, Subject(instance.Gpu), instance.Name, unixMicroseconds.ToString(CultureInfo.InvariantCulture));
        return Event(instance, id, EventPhase.Started, unixMicroseconds, $"{Named(instance)}: {why}", details) with
        {
            SuggestedAction = rule.SuggestedAction,
            Capture = withheld.Length > 0 ? withheld : null,
        };
    }

    /// <summary>The rule cleared.</summary>
    /// <param name="instance">Where; it still has its incident.</param>
    /// <param name="unixMicroseconds">When.</param>
    /// <param name="why">What the trigger saw, or the reason.</param>
    /// <param name="reason">Why, where the trigger is not the reason.</param>
    internal static EventRecord Ended(RuleInstance instance, long unixMicroseconds, string why, string reason)
    {
        var lasted = TimeSpan.FromMicroseconds(Math.Max(0, unixMicroseconds - instance.FiredUnixMicroseconds));
        var details = Details(instance);
        details["duration_seconds"] = lasted.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        if (reason.Length > 0) details["reason"] = reason;
        var title = $"{Named(instance)} ended after {Words.Duration(lasted)}: {why}";
        return Event(instance, EndId(instance.Incident!), EventPhase.Ended, unixMicroseconds, title, details) with { Incident = instance.Incident };
    }

    /// <summary>Id of the event that ends an incident.</summary>
    internal static string EndId(string incident) => EventId.Of(incident, "ended");

    private static EventRecord Event(RuleInstance instance, string id, EventPhase phase, long unixMicroseconds, string title, Dictionary<string, string> details)
    {
        var (rule, node) = (instance.Program.Rule, instance.Program.Node);
        List<EventValue> values = [];
        instance.Trigger.AddEvidence(values);
        return new EventRecord
        {
            Id = id,
            Time = WallClock.ToTime(unixMicroseconds),
            BootId = node.BootId,
            Cluster = node.Cluster,
            Node = node.Node,
            Gpu = instance.Gpu?.Reference,
            Kind = EventKinds.Anomaly,
            Rule = rule.Name,
            Component = rule.Component,
            Severity = rule.Severity,
            Phase = phase,
            Title = title.Length <= LongestTitle ? title : string.Concat(title.AsSpan(0, LongestTitle - 3), "..."),
            Evidence = new EventEvidence { Sources = ["rule"], Values = [.. values.Take(MostValues)], Details = details.Count > 0 ? details : null },
            Runbook = rule.Runbook,
        };
    }

    private static Dictionary<string, string> Details(RuleInstance instance)
    {
        var details = new Dictionary<string, string>(StringComparer.Ordinal);
        if (instance.Name.Length > 0) details["instance"] = instance.Name;
        return details;
    }

    /// <summary>What is the matter, where, and which rule says so; such as <c>The GPU left the PCI bus: GPU 2 (gpu_fallen_off_bus)</c>.</summary>
    private static string Named(RuleInstance instance)
    {
        var rule = instance.Program.Rule;
        var index = instance.Gpu?.Index.ToString(CultureInfo.InvariantCulture);
        var where = (instance.Gpu is { } gpu ? Named(gpu) : instance.Program.Node.Node) + (instance.Name.Length > 0 && instance.Name != index ? $", {instance.Name}" : "");
        return FirstSentence(rule.Description) is { Length: > 0 } what ? $"{what}: {where} ({rule.Name})" : $"{rule.Name} on {where}";
    }

    private static string FirstSentence(string text)
    {
        var end = text.IndexOf(". ", StringComparison.Ordinal);
        var sentence = (end < 0 ? text : text[..end]).TrimEnd(' ', '.', '\n');
        return sentence.Length <= LongestSentence ? sentence : string.Concat(sentence.AsSpan(0, LongestSentence - 3), "...");
    }

    private static string Named(GpuSubject gpu) => gpu.Index >= 0 ? $"GPU {gpu.Index}" : $"GPU {Subject(gpu)}";

    private static string Subject(GpuSubject? gpu) => gpu switch
    {
        null => "",
        { Uuid.Length: > 0 } => gpu.Uuid,
        { PciBusId.Length: > 0 } => gpu.PciBusId,
        _ => $"gpu{gpu.Index}",
    };
}
