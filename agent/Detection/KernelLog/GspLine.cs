using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Monitoring.Agent.Devices.Pci;
using Monitoring.Contracts.Events;
using Monitoring.Contracts.Xid;

namespace Monitoring.Agent.Detection.KernelLog;

/// <summary>
/// Trouble of the GPU's system processor that is told without an XID: <c>_kgspLogXid119</c>, RPC time-outs, a lost heartbeat. A call that
/// came back too late is a warning; a processor whose heart stopped answers nobody until the GPU is reset.
/// </summary>
internal static partial class GspLine
{
    private const int RpcTimeout = 119;

    [ModuleInitializer]
    internal static void Register() => LineDetectors.Register("gsp", Read);

    private static Sighting? Read(KernelLine line, LineContext context)
    {
        if (!line.Text.Contains("NVRM: ", StringComparison.Ordinal) || line.Text.Contains("Xid (", StringComparison.Ordinal) || !Form().IsMatch(line.Text)) return null;
        var known = XidCatalogue.Describe(RpcTimeout);
        var (severity, title) = Stopped().IsMatch(line.Text) ? (EventSeverity.Critical, "GPU system processor (GSP) has no heartbeat") : (EventSeverity.Warning, "GPU system processor (GSP) is in trouble");
        return line.Sighting(EventKinds.Gsp, severity, known.Component, title, pciBusId: PciAddress.Normalize(Place().Match(line.Text).Value)) with
        {
            SuggestedAction = known.SuggestedAction,
            Runbook = known.Runbook,
        };
    }

    [GeneratedRegex("_kgspLogXid119|GSP (?:RPC )?Time-?out|GSP[^\n]{0,100}Timeout (?:after|waiting)|Timeout waiting for RPC|_kgspIsHeartbeatTimedOut|GSP[^\n]{0,60}heartbeat|heartbeat[^\n]{0,60}GSP", RegexOptions.IgnoreCase)]
    private static partial Regex Form();

    [GeneratedRegex(@"heartbeat[^\n]{0,60}(?:timed?[ -]?out|lost|stopped|missed)|(?:lost|missed|no) [^\n]{0,20}heartbeat", RegexOptions.IgnoreCase)]
    private static partial Regex Stopped();

    [GeneratedRegex(@"\b[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}(?:\.[0-7])?\b")]
    private static partial Regex Place();
}
