using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.KernelLog;

/// <summary>
/// <c>Out of memory: Killed process 123 (python3)</c> and <c>Memory cgroup out of memory: Killed process ...</c> of a process that used a
/// GPU; the others are nobody's concern here.
/// </summary>
internal static partial class OutOfMemoryLine
{
    [ModuleInitializer]
    internal static void Register() => LineDetectors.Register("oom_kill", Read);

    private static Sighting? Read(KernelLine line, LineContext context)
    {
        if (!line.Text.Contains("ut of memory", StringComparison.Ordinal) || Form().Match(line.Text) is not { Success: true } match) return null;
        if (!long.TryParse(match.Groups["pid"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || context.GpuOfProcess(pid) is not { } gpu) return null;
        var name = match.Groups["name"].Value;
        var isGroup = match.Groups["group"].Success;
        return line.Sighting(EventKinds.OomKill, EventSeverity.Warning, Components.Application, $"The kernel killed {name} (pid {pid}), which used a GPU, for want of {(isGroup ? "memory in its group" : "host memory")}") with
        {
            Gpu = gpu,
            Process = new ProcessReference(pid, name),
            Details = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["limit"] = isGroup ? "cgroup" : "node" },
            SuggestedAction = isGroup ? "Give the job more host memory, or let it use less." : "Look for what filled the node's memory.",
        };
    }

    // A process may call itself what it likes, "ray::train()" say: its name ends before what the kernel writes next, or where it has no
    // brackets of its own.
    [GeneratedRegex(@"(?:Out of memory(?: \([a-z_]{1,64}\))?|(?<group>Memory cgroup out of memory)): Kill(?:ed)? process (?<pid>[0-9]{1,10}) \((?:(?<name>.{0,64}?)\)(?:,| total-vm| score|$)|(?<name>[^()]{0,64})\))")]
    private static partial Regex Form();
}
