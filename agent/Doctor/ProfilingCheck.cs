using System.Globalization;

namespace Monitoring.Agent.Doctor;

/// <summary>What the kernel and the driver permit to profilers.</summary>
internal sealed class ProfilingCheck() : DoctorCheck("profiling")
{
    protected override IEnumerable<Finding> Look(DoctorNode node)
    {
        var path = node.Procfs("sys/kernel/perf_event_paranoid");
        if (node.Read(path) is not { } text || !int.TryParse(text, CultureInfo.InvariantCulture, out var level))
            yield return Finding.Information($"{path} cannot be read: this kernel has no perf events");
        else if (level > 2)
            yield return Finding.Warning($"perf_event_paranoid is {level}: CPU samples in captures need root", "sysctl kernel.perf_event_paranoid=2 (1 for system-wide sampling), and a file in /etc/sysctl.d to keep it");
        else
            yield return Finding.Ok($"perf_event_paranoid is {level}: {(level <= 0 ? "CPU samples of the whole system" : "CPU samples of one's own processes")} without root");

        // The driver prints its parameters as it was loaded, "RmProfilingAdminOnly: 1".
        if (node.Read(node.Procfs("driver/nvidia/params")) is not { } parameters) yield break;
        yield return parameters.Split('\n').Any(static line => line.StartsWith("RmProfilingAdminOnly:", StringComparison.Ordinal) && line.EndsWith('1'))
            ? Finding.Information("GPU performance counters are for root alone", "options nvidia NVreg_RestrictProfilingToAdminUsers=0 in /etc/modprobe.d opens them to everyone, if that is wanted")
            : Finding.Ok("GPU performance counters are open to everyone");
    }
}
