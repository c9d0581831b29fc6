using System.Text.Json.Serialization;

namespace Monitoring.Agent.Detection;

/// <summary>How a component is, in rising order of harm.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HealthState>))]
internal enum HealthState
{
    [JsonStringEnumMemberName("healthy")] Healthy,

    /// <summary>Works, but slower or at a risk; new work may still be given to it.</summary>
    [JsonStringEnumMemberName("degraded")] Degraded,

    /// <summary>Must get no new work.</summary>
    [JsonStringEnumMemberName("unhealthy")] Unhealthy,
}

/// <summary>What makes a bad state good again.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClearedBy>))]
internal enum ClearedBy
{
    /// <summary>The condition itself, once it no longer holds.</summary>
    [JsonStringEnumMemberName("condition")] Condition,

    /// <summary>Some time without another such event.</summary>
    [JsonStringEnumMemberName("time")] Time,

    /// <summary>A reset of the GPU, or the driver being loaded anew.</summary>
    [JsonStringEnumMemberName("reset")] Reset,

    /// <summary>A reboot of the node.</summary>
    [JsonStringEnumMemberName("reboot")] Reboot,

    /// <summary>A person, who says so.</summary>
    [JsonStringEnumMemberName("person")] Person,
}

/// <summary>The parts whose health is told apart; values of the <c>component</c> label.</summary>
internal static class Components
{
    internal const string Driver = "driver";
    internal const string Memory = "memory";
    internal const string Thermal = "thermal";
    internal const string Power = "power";
    internal const string Pcie = "pcie";
    internal const string Nvlink = "nvlink";
    internal const string Fabric = "fabric";
    internal const string Compute = "compute";
    internal const string Performance = "performance";
    internal const string Network = "network";
    internal const string Application = "application";

    /// <summary>Every component of a GPU; the node has <see cref="Driver"/>, <see cref="Fabric"/> and <see cref="Network"/>.</summary>
    internal static IReadOnlyList<string> All { get; } = [Driver, Memory, Thermal, Power, Pcie, Nvlink, Fabric, Compute, Performance, Network, Application];
}
