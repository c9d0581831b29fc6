using System.Runtime.CompilerServices;

namespace Monitoring.Simulator.Incidents;

/// <summary>A process takes memory and never gives it back, until the board is full.</summary>
internal sealed class MemoryLeak(double mebibytesPerSecond) : Incident
{
    private const uint FirstOwnPid = 3_900_000;

    private uint _pid;
    private bool _isOwn;
    private ulong _leaked;
    private double _remainder;

    [ModuleInitializer]
    internal static void Register() => IncidentKind.Register("memory_leak", "The GPU's first process takes more and more memory.",
        [IncidentParameter.Number("mib_per_second", 256, 0.001, 1e6, "How fast.")],
        arguments => new MemoryLeak(arguments.Number("mib_per_second")));

    public override void Start(SimulatedGpu gpu)
    {
        _isOwn = gpu.ProcessIds.Count == 0;
        _pid = _isOwn ? FirstOwnPid + (uint)gpu.Index : gpu.ProcessIds[0];
        if (_isOwn) gpu.SetProcess(_pid, 1 << 20, "/usr/bin/leaky");
    }

    public override void Advance(SimulatedGpu gpu, TimeSpan elapsed)
    {
        _remainder += mebibytesPerSecond * (1 << 20) * elapsed.TotalSeconds;
        var whole = Math.Floor(_remainder);
        _remainder -= whole;
        _leaked += gpu.GrowProcess(_pid, (ulong)whole);
    }

    /// <summary>The process was restarted.</summary>
    public override void Stop(SimulatedGpu gpu)
    {
        if (_isOwn) gpu.EndProcess(_pid);
        else gpu.ShrinkProcess(_pid, _leaked);
    }
}
