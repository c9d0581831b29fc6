using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.KernelLog;

/// <summary>A process that faulted inside a CUDA or NCCL library: <c>python3[42]: segfault at 0 ip ... error 4 in libnccl.so.2.18.3[7f..]</c>.</summary>
internal static partial class LibraryFaultLine
{
    [ModuleInitializer]
    internal static void Register() => LineDetectors.Register("process_fault", Read);

    private static Sighting? Read(KernelLine line, LineContext context)
    {
        if (!line.Text.Contains(" in lib", StringComparison.Ordinal) || Form().Match(line.Text) is not { Success: true } match) return null;
        if (!long.TryParse(match.Groups["pid"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) return null;
        var library = match.Groups["library"].Value;
        var name = match.Groups["name"].Value;
        return line.Sighting(EventKinds.ProcessFault, EventSeverity.Info, Components.Application, $"{name} (pid {pid}) faulted in {library}") with
        {
            Gpu = context.GpuOfProcess(pid),
            Process = new ProcessReference(pid, name),
            Details = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["library"] = library },
            SuggestedAction = "Check that CUDA, NCCL and driver versions fit each other; look at the job's own log.",
        };
    }

    [GeneratedRegex(@"(?:traps: )?(?<name>[^\[\]\n]{1,64})\[(?<pid>[0-9]{1,10})\]:? (?:segfault|general protection|trap invalid opcode)[^\n]{0,200} in (?<library>lib(?:nccl|cuda|cudart|cublas|cudnn|nvidia-[a-z-]+|nvml)[\w.-]{0,64})")]
    private static partial Regex Form();
}
