using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Health;

namespace Monitoring.Agent.Commands;

/// <summary>The outcome of a check, and the exit code that says it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CheckVerdict>))]
internal enum CheckVerdict
{
    [JsonStringEnumMemberName("pass")] Pass = 0,

    /// <summary>Something is degraded, and that was to fail.</summary>
    [JsonStringEnumMemberName("degraded")] Degraded = 1,

    [JsonStringEnumMemberName("unhealthy")] Unhealthy = 2,

    /// <summary>The agent does not answer, what it knows is old, or a GPU is not known to it.</summary>
    [JsonStringEnumMemberName("cannot_tell")] CannotTell = 3,
}

/// <summary>What a check looks at.</summary>
/// <param name="Gpus">The GPUs; the node as a whole is looked at in any case.</param>
/// <param name="Components">The components; empty for all of them.</param>
/// <param name="FailOn">The least state that fails.</param>
/// <param name="MaximumAge">How old health and readings may be.</param>
internal sealed record CheckDemand(GpuSelection Gpus, IReadOnlyList<string> Components, HealthState FailOn, TimeSpan MaximumAge);

/// <summary>A reason that a check found.</summary>
/// <param name="Subject"><c>node</c>, or the GPU with its UUID.</param>
internal sealed record FoundReason(string Subject, string Component, HealthReason Reason)
{
    /// <summary>One line for a person or for the reason of a drained node.</summary>
    public override string ToString()
    {
        var times = Reason.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $", {Reason.Count} times") : "";
        var action = Reason.SuggestedAction.Length > 0 ? $"; {Reason.SuggestedAction.TrimEnd('.')}" : "";
        var runbook = Reason.Runbook.Length > 0 ? $"; runbook {Reason.Runbook}" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{Reason.State.ToString().ToLowerInvariant()}: {Subject}, {Component}: {Reason.Text} (since {Reason.Since:yyyy-MM-ddTHH:mm:ssZ}{times}){action}; {Reason.Clearing}{runbook}");
    }
}

/// <summary>What a check found.</summary>
/// <param name="Doubts">Why it cannot tell, in words.</param>
internal sealed record CheckResult(CheckVerdict Verdict, string Node, int Gpus, IReadOnlyList<FoundReason> Reasons, IReadOnlyList<string> Doubts)
{
    public int ExitCode => (int)Verdict;
}

/// <summary>Judges what an agent said of its node; the agent is the one that evaluates.</summary>
internal static class HealthCheck
{
    internal static CheckResult Judge(NodeHealth node, CheckDemand demand, DateTimeOffset now)
    {
        List<string> doubts = [];
        // The clocks of the agent and of the check are the node's own; an age below zero is a step of that clock.
        if (now - node.EvaluatedAt is var age && age > demand.MaximumAge)
            doubts.Add(string.Create(CultureInfo.InvariantCulture, $"health was last evaluated {age.TotalSeconds:0} s ago; the limit is {demand.MaximumAge.TotalSeconds:0} s (--max-age). See /healthz and the agent's log"));

        var gpus = demand.Gpus.Of(node, out var unknown);
        // A driver that is not loaded has no fault of a GPU, and no GPU that a job could use.
        if (demand.Gpus.IsAll && !node.Gpus.Any(static gpu => gpu.IsPresent))
            doubts.Add("the agent reads no GPU: gpu-agent doctor says why. A node that has none is asked with --gpus none");
        foreach (var name in unknown) doubts.Add($"GPU {name} is not known to the agent, which knows {Known(node)}. Is it on the PCI bus (lspci -d 10de:)?");
        foreach (var gpu in gpus)
            if (gpu.DataAgeSeconds is not { } seconds || seconds > demand.MaximumAge.TotalSeconds)
                doubts.Add(string.Create(CultureInfo.InvariantCulture, $"{Name(gpu)} has {(gpu.DataAgeSeconds is { } old ? $"readings that are {old:0} s old" : "no readings")}; the limit is {demand.MaximumAge.TotalSeconds:0} s (--max-age). See /readyz"));

        FoundReason[] reasons =
        [
            .. from subject in gpus.Select(static gpu => (Name: Name(gpu), gpu.Components)).Prepend((Name: "node", node.Components))
               from component in subject.Components
               where demand.Components.Count == 0 || demand.Components.Contains(component.Component)
               from reason in component.Reasons
               where reason.State != HealthState.Healthy
               orderby reason.State descending
               select new FoundReason(subject.Name, component.Component, reason),
        ];
        var worst = reasons.Select(static found => found.Reason.State).DefaultIfEmpty().Max();
        var verdict = worst == HealthState.Unhealthy ? CheckVerdict.Unhealthy
            : doubts.Count > 0 ? CheckVerdict.CannotTell
            : worst == HealthState.Degraded && demand.FailOn == HealthState.Degraded ? CheckVerdict.Degraded
            : CheckVerdict.Pass;
        return new CheckResult(verdict, node.Node, gpus.Count, reasons, doubts);
    }

    private static string Name(GpuHealth gpu)
    {
        var other = gpu.Uuid.Length > 0 ? gpu.Uuid : gpu.PciBusId;
        return gpu.Index is { } index ? string.Create(CultureInfo.InvariantCulture, $"GPU {index} ({other})") : $"GPU {other}";
    }

    private static string Known(NodeHealth node) => node.Gpus.Count == 0 ? "none" : string.Join(", ", node.Gpus.Select(static gpu => gpu.Index?.ToString(CultureInfo.InvariantCulture) ?? (gpu.Uuid.Length > 0 ? gpu.Uuid : gpu.PciBusId)));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(CheckResult))]
internal sealed partial class CheckJson : JsonSerializerContext
{
    /// <summary>With quotation marks and letters as they are, for people.</summary>
    internal static CheckJson Readable => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
