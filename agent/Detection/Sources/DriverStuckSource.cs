using System.Globalization;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Sources;

/// <summary>Driver calls that do not come back, as the supervision of the lanes sees them.</summary>
internal sealed class DriverStuckSource : IEventSource
{
    internal const string SourceName = "lanes";

    private readonly SightingOutlet outlet;
    private readonly TimeProvider time;
    private readonly Dictionary<string, string> started = new(StringComparer.Ordinal);

    internal DriverStuckSource(SupervisedLanes lanes, TimeProvider time)
    {
        this.time = time;
        outlet = new SightingOutlet(SourceName, time);
        lanes.Listener = Take;
    }

    public string Name => SourceName;

    public string Trouble => "";

    public (string Reason, long Count)? Dropped => (SightingOutlet.QueueFull, outlet.Dropped);

    public void Start(SightingQueue queue, string? cursor) => outlet.Start(queue);

    public void Stop() => outlet.Stop();

    // Called by the supervisor's one thread alone.
    private void Take(StuckCall call)
    {
        var now = time.GetUtcNow();
        var who = call.Identity is { } gpu ? $"GPU {gpu.Index}" : call.Gpu switch
        {
            "node" => "The inventory of GPUs",
            _ when call.Gpu.StartsWith(SupervisedLane.Events, StringComparison.Ordinal) => "The driver's event queue",
            var index => "GPU " + index,
        };
        var key = string.Create(CultureInfo.InvariantCulture, $"{call.Gpu}:{now.UtcTicks}");
        started.Remove(call.Gpu, out var incident);
        if (call.IsStuck) started[call.Gpu] = key;
        outlet.Offer(new Sighting
        {
            Source = SourceName,
            Key = call.IsStuck ? key : key + ":ended",
            Incident = call.IsStuck ? null : incident,
            Time = now,
            Kind = EventKinds.DriverStuck,
            Gpu = call.Identity is { } identity ? new GpuReference(identity.Index, identity.Uuid, identity.Serial, identity.PciBusId)
                : int.TryParse(call.Gpu, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new GpuReference(number) : null,
            Severity = call.IsStuck ? EventSeverity.Critical : EventSeverity.Info,
            Phase = call.IsStuck ? EventPhase.Started : EventPhase.Ended,
            Component = Components.Driver,
            Title = call.IsStuck
                ? string.Create(CultureInfo.InvariantCulture, $"{who} is stuck in {call.Call} for {call.Lasted.TotalSeconds:0.#} s")
                : string.Create(CultureInfo.InvariantCulture, $"{who} answers again after {call.Lasted.TotalSeconds:0.#} s in {call.Call}"),
            Values = [new EventValue("gpu_agent_driver_call_stuck_seconds", Math.Round(call.Lasted.TotalSeconds, 3))],
            Details = new Dictionary<string, string>(StringComparer.Ordinal) { ["call"] = call.Call },
            SuggestedAction = call.IsStuck ? "See the kernel log for XID 119 or 79; when the call does not come back, drain and reboot the node." : "",
        });
    }
}
