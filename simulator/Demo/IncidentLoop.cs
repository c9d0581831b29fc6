using System.Globalization;

namespace Monitoring.Simulator.Demo;

/// <summary>Plays the simulator's incidents one after another, each on another GPU, and names them as they begin and end.</summary>
internal sealed class IncidentLoop(DemoCluster cluster, int gpuCount, Action<string> say, TimeProvider time)
{
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(16);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(4);

    /// <summary>Those that the live table shows come first. A heat sink this bad makes the GPU throttle within the time.</summary>
    private static readonly (string Incident, string[] Parameters, string Meaning)[] Programme =
    [
        ("thermal_throttle", ["resistance=8"], "its cooling fails; it gets hot and lowers its clocks"),
        ("hang", [], "calls into the driver do not return for this GPU"),
        ("power_brake", [], "the power supply holds the clocks down"),
        ("xid_79", [], "it falls off the bus"),
        ("ecc_burst", [], "memory errors"),
        ("nvlink_errors", [], "errors on an NVLink"),
        ("straggler", [], "it works slower than its neighbours"),
        ("memory_leak", [], "a process takes more and more memory"),
        ("row_remap_pending", [], "a memory row waits for a reset to be remapped"),
    ];

    public async Task PlayAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Lead, time, cancellationToken);
        for (var turn = 0; ; turn++)
        {
            var (incident, parameters, meaning) = Programme[turn % Programme.Length];
            var node = cluster.Nodes[(turn + 1) % cluster.Nodes.Count];
            var gpu = turn * 3 % gpuCount;
            var victim = string.Create(CultureInfo.InvariantCulture, $"{incident} on {node.Name}, GPU {gpu}");
            if (await cluster.InjectAsync(node, gpu, incident, parameters, Duration) is { } refusal)
            {
                say($"incident {victim} was refused: {refusal}");
            }
            else
            {
                say(string.Create(CultureInfo.InvariantCulture, $">> incident {victim}, for {Duration.TotalSeconds:0} s: {meaning}"));
                await Task.Delay(Duration, time, cancellationToken);
                say($"<< incident {victim} has ended");
            }
            await Task.Delay(Pause, time, cancellationToken);
        }
    }
}
