using System.Globalization;
using System.Runtime.CompilerServices;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Sources;

/// <summary>
/// InfiniBand and RoCE ports as the kernel shows them under <c>class/infiniband</c> of sysfs (Documentation/ABI/stable/sysfs-class-infiniband).
/// A port that was never up is not in use and makes no event. A counter that the adapter lacks reads as "N/A (no PMA)" or as an error,
/// and is absent.
/// </summary>
internal sealed class InfinibandProbe(string sysfs, TimeProvider time, string bootId = "") : NodeProbe(ProbeName, time, bootId)
{
    internal const string ProbeName = "infiniband";

    // More than any node has; virtual functions may show hundreds, which nobody cables.
    private const int PortsAtMost = 64;

    // As long as the rule for ports that are down waits.
    private static readonly TimeSpan GraceAfterBoot = TimeSpan.FromMinutes(1);

    private static readonly (NodeMetric Metric, string File)[] Counters =
    [
        (MetricTable.InfinibandLinkDowned, "link_downed"),
        (MetricTable.InfinibandSymbolErrors, "symbol_error"),
        (MetricTable.InfinibandLinkErrorRecovery, "link_error_recovery"),
        (MetricTable.InfinibandReceiveErrors, "port_rcv_errors"),
    ];

    private InfinibandPort[] ports = [];

    /// <summary>The ports as last seen.</summary>
    internal IReadOnlyList<InfinibandPort> Ports => Volatile.Read(ref ports);

    internal override IEnumerable<(NodeMetric Metric, Func<IEnumerable<NodeReading>> Read)> Readings =>
    [
        (MetricTable.InfinibandPortUp, () => Of(static port => port.IsUp ? 1 : 0)),
        (MetricTable.InfinibandPortRate, () => Of(static port => port.BytesPerSecond)),
        .. Counters.Select((counter, place) => (counter.Metric, (Func<IEnumerable<NodeReading>>)(() => Of(port => port.Counters[place])))),
    ];

    [ModuleInitializer]
    internal static void Register() => NodeProbes.Register(ProbeName, static surroundings => new InfinibandProbe(surroundings.Devices.Sysfs, surroundings.Time, surroundings.BootId));

    protected override void Observe(ProbeMemory memory)
    {
        InfinibandPort[] found = [.. Find().Take(PortsAtMost)];
        Volatile.Write(ref ports, found);
        foreach (var port in found) Compare(port, memory);
        // An adapter that left the bus takes its ports with it.
        foreach (var name in memory.Names("up "))
            if (!Array.Exists(found, port => "up " + port.Name == name)) FollowDown(name[3..], holds: true, "is gone", [], memory);
    }

    private IEnumerable<NodeReading> Of(Func<InfinibandPort, double> value) => Ports.Select(port => new NodeReading(value(port), port.Device, port.Number));

    private IEnumerable<InfinibandPort> Find()
    {
        var root = Path.Combine(sysfs, "class/infiniband");
        foreach (var device in Entries(root))
            foreach (var number in Entries(Path.Combine(root, device, "ports")))
            {
                var port = Path.Combine(root, device, "ports", number);
                if (Read(Path.Combine(port, "state")) is not { } state) continue;
                yield return new InfinibandPort(device, number, Word(state), Word(Read(Path.Combine(port, "phys_state"))),
                    Read(Path.Combine(port, "rate")) ?? "", Read(Path.Combine(port, "link_layer")) ?? "",
                    [.. Counters.Select(counter => Number(Read(Path.Combine(port, "counters", counter.File))))]);
            }
    }

    private void Compare(InfinibandPort port, ProbeMemory memory)
    {
        var wasUpInThisBoot = IsOfThisBoot(memory["up " + port.Name]);
        if (port.IsUp) memory["up " + port.Name] = InThisBoot;
        var wasUp = memory["up " + port.Name] is not null;
        IReadOnlyList<EventValue> values = double.IsNaN(port.Counters[0]) ? [] : [new EventValue(Series("gpu_infiniband_link_downed_total", port), port.Counters[0])];
        if (wasUp) FollowDown(port.Name, !port.IsUp, $"is {Lower(port.State)} ({Lower(port.PhysicalState)})", values, memory);

        // A link that went down and came back between two looks shows in the counter alone; adapters whose counter has eight bits and
        // stands at 255 show it no more. What it counted until the port first came up in this boot was its training.
        var before = Number(memory["downed " + port.Name]);
        var flaps = port.Counters[0] - before;
        if (flaps > 0 && wasUpInThisBoot && port.IsUp)
            Say(Make(EventKinds.Infiniband, EventSeverity.Warning, Components.Network, string.Create(CultureInfo.InvariantCulture, $"Port {port.Name} flapped: its link went down {flaps} times since the last look")) with
            {
                Details = Named(port.Name),
                Values = [new EventValue($"increase({Series("gpu_infiniband_link_downed_total", port)})", flaps, 0)],
                SuggestedAction = "Check cable, transceiver and switch port; a link that flaps stalls every collective.",
            });
        // Kept, so that what flapped while the agent was away is told too; the counter begins anew with the driver, and then falls.
        if (!double.IsNaN(port.Counters[0])) memory["downed " + port.Name] = port.Counters[0].ToString("R", CultureInfo.InvariantCulture);
        if (port.IsUp) FollowRate(port, memory);
    }

    private void FollowDown(string name, bool holds, string what, IReadOnlyList<EventValue> values, ProbeMemory memory) =>
        Follow(memory, "down " + name, holds, () => Make(EventKinds.Infiniband, EventSeverity.Critical, Components.Network, $"Port {name} {what}") with
        {
            Values = values,
            Details = Named(name),
            SuggestedAction = "Check cable, transceiver, switch port and subnet manager.",
        }, $"Port {name} is up again", MayStillCome(memory["up " + name], GraceAfterBoot));

    private void FollowRate(InfinibandPort port, ProbeMemory memory)
    {
        if (double.IsNaN(port.BytesPerSecond)) return;
        var highest = double.TryParse(memory["rate " + port.Name], NumberStyles.Float, CultureInfo.InvariantCulture, out var kept) ? kept : 0;
        if (port.BytesPerSecond > highest) memory["rate " + port.Name] = port.BytesPerSecond.ToString("R", CultureInfo.InvariantCulture);
        Follow(memory, "slow " + port.Name, port.BytesPerSecond < highest, () => Make(EventKinds.Infiniband, EventSeverity.Warning, Components.Network, $"Port {port.Name} came up at {port.Rate}, slower than before") with
        {
            Details = Named(port.Name),
            Values = [new EventValue(Series("gpu_infiniband_port_rate_bytes_per_second", port), port.BytesPerSecond, highest)],
            SuggestedAction = "Reseat or replace the cable: lanes are missing or the speed was lowered.",
        }, $"Port {port.Name} runs at {port.Rate} again");
    }

    // The detail by which events of several devices of a node are told apart.
    private static Dictionary<string, string> Named(string port) => new(StringComparer.Ordinal) { ["device"] = port };

    private static string Series(string metric, InfinibandPort port) => $"{metric}{{device=\"{port.Device}\",port=\"{port.Number}\"}}";

    /// <summary>The word of "4: ACTIVE".</summary>
    private static string Word(string? state) => state is null ? "" : state[(state.IndexOf(':') + 1)..].Trim();

    private static string Lower(string word) => word.Length == 0 ? "unknown" : word.ToLowerInvariant();

    private static double Number(string? text) =>
        double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
}

/// <summary>One port of an adapter.</summary>
/// <param name="Device">Such as <c>mlx5_0</c>.</param>
/// <param name="Number">Counted from 1.</param>
/// <param name="State">Logical state, such as <c>ACTIVE</c>.</param>
/// <param name="PhysicalState">Such as <c>LinkUp</c>; empty where the kernel does not say.</param>
/// <param name="Rate">As the kernel writes it, such as <c>400 Gb/sec (4X NDR)</c>.</param>
/// <param name="LinkLayer"><c>InfiniBand</c> or <c>Ethernet</c>.</param>
/// <param name="Counters">Link downed, symbol errors, recoveries, receive errors; NaN for one that the adapter lacks.</param>
internal sealed record InfinibandPort(string Device, string Number, string State, string PhysicalState, string Rate, string LinkLayer, double[] Counters)
{
    private const double BitsPerByte = 8;

    /// <summary>Device and port, as tools write them.</summary>
    internal string Name => $"{Device}/{Number}";

    /// <summary>True while packets can flow.</summary>
    internal bool IsUp => State == "ACTIVE" && PhysicalState == "LinkUp";

    /// <summary>The rate in bytes per second; NaN where it cannot be read.</summary>
    internal double BytesPerSecond => Rate.Split(' ') is [var number, "Gb/sec", ..]
        && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var gigabits) ? gigabits * 1e9 / BitsPerByte : double.NaN;
}
