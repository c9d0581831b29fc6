using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Monitoring.Agent.Devices.Pci;
using Monitoring.Contracts.Events;
using Monitoring.Contracts.Xid;

namespace Monitoring.Agent.Detection.KernelLog;

/// <summary>Trouble of the GPU's system processor that is told without an XID: <c>_kgspLogXid119</c>, RPC time-outs, a lost heartbeat.</summary>
internal static partial class GspLine
{
    private const int RpcTimeout = 119;

    [ModuleInitializer]
    internal static void Register() => LineDetectors.Register("gsp", Read);

    private static Sighting? Read(KernelLine line, LineContext context)
    {
        if (!line.Text.Contains("NVRM: ", StringComparison.Ordinal) || line.Text.Contains("Xid (", StringComparison.Ordinal) || !Form().IsMatch(line.Text)) return null;
        var known = XidCatalogue.Describe(RpcTimeout);
        return line.Sighting(EventKinds.Gsp, EventSeverity.Warning, known.Component, "GPU system processor (GSP) is in trouble", pciBusId: PciAddress.Normalize(Place().Match(line.Text).Value)) with
        {
            SuggestedAction = known.SuggestedAction,
            Runbook = known.Runbook,
        };
    }

    [GeneratedRegex("_kgspLogXid119|GSP (?:RPC )?Time-?out|GSP[^\n]{0,100}Timeout (?:after|waiting)|Timeout waiting for RPC|_kgspIsHeartbeatTimedOut|GSP[^\n]{0,60}heartbeat|heartbeat[^\n]{0,60}GSP", RegexOptions.IgnoreCase)]
    private static partial Regex Form();

    [GeneratedRegex(@"\b[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}(?:\.[0-7])?\b")]
    private static partial Regex Place();
}
