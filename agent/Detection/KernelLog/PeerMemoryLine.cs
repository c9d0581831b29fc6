using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.KernelLog;

/// <summary>Errors of nvidia-peermem and ib_core: GPU memory could not be shared with a network card.</summary>
internal static partial class PeerMemoryLine
{
    [ModuleInitializer]
    internal static void Register() => LineDetectors.Register("peer_memory", Read);

    private static Sighting? Read(KernelLine line, LineContext context)
    {
        if (Form().Match(line.Text) is not { Success: true } match) return null;
        return line.Sighting(EventKinds.PeerMemory, EventSeverity.Warning, Components.Network, $"{match.Groups["module"].Value} reports an error: {match.Groups["message"].Value.Trim()}") with
        {
            SuggestedAction = "GPUDirect RDMA of this node may be broken: reload nvidia-peermem, and check that it fits the installed driver and OFED.",
        };
    }

    [GeneratedRegex(@"^(?<module>nvidia[-_]peermem|nv_peer_mem|ib_core)\b:? (?<message>(?=[^\n]*\b(?:ERROR|error|fail|failed|failure)\b)[^\n]{1,300})")]
    private static partial Regex Form();
}
