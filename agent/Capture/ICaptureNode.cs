using Monitoring.Agent.Capture.Profilers;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture;

/// <summary>What captures ask of the node: its GPUs, who uses them, and their counters.</summary>
internal interface ICaptureNode
{
    /// <summary>Driver version; empty without a driver.</summary>
    string DriverVersion { get; }

    /// <summary>Why there are no GPUs; empty where there are.</summary>
    string Trouble { get; }

    /// <summary>False while GPUs that the driver has are still being opened, as after a start.</summary>
    bool IsSettled { get; }

    /// <summary>The GPUs that are read now.</summary>
    IReadOnlyList<CapturedGpu> Gpus();

    /// <summary>The processes that use any of these GPUs now.</summary>
    IReadOnlyList<ScopeProcess> Processes(IReadOnlyList<CapturedGpu> gpus);

    /// <summary>The counters of GPUs and their MIG instances between two times.</summary>
    IReadOnlyList<CounterWindow> Windows(IReadOnlyList<CapturedGpu> gpus, DateTimeOffset from, DateTimeOffset to);

    /// <summary>Indices of GPUs for which a rule fires now.</summary>
    IReadOnlySet<int> Suspects();
}

/// <summary>The counters of one GPU or MIG instance over a stretch of time.</summary>
/// <param name="Gpu">The GPU.</param>
/// <param name="Instance">The MIG instance, such as <c>mig-1-0</c>; empty for the whole GPU.</param>
/// <param name="Series">Names of the columns, as Prometheus writes them.</param>
/// <param name="Rows">Instants, oldest first; NaN where a series has no value of its own at the instant.</param>
internal sealed record CounterWindow(CapturedGpu Gpu, string Instance, IReadOnlyList<string> Series, IReadOnlyList<CounterRow> Rows);

/// <summary>One instant of a window.</summary>
internal readonly record struct CounterRow(long UnixMicroseconds, double[] Values);
