using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection;

/// <summary>Which sightings can be of one incident: the rules by which <see cref="SightingMerger"/> joins them.</summary>
internal static class Incidents
{
    private const int FellOffTheBus = 79;
    private const int RpcTimeout = 119;
    private const int SystemProcessorError = 120;
    private const int RecoveryActionChanged = 154;

    /// <summary>How far apart two sources may see one incident: the driver's event queue is read in rounds, kernel lines at once.</summary>
    internal static readonly TimeSpan PairingWindow = TimeSpan.FromSeconds(5);

    /// <summary>
    /// For how long after the first line further ones of the same source, GPU, code and process tell of the same incident; zero where
    /// each line is an incident of its own. XID 13 comes as a line per multiprocessor and its registers, 43 and 45 as a line per channel
    /// of the process, an SXID and an AER report as several lines, a broken heartbeat of the GSP as many.
    /// </summary>
    internal static TimeSpan LineWindow(string kind, int? code) => kind switch
    {
        EventKinds.Xid => code is 13 or 43 or 45 ? TimeSpan.FromSeconds(1) : TimeSpan.Zero,
        EventKinds.Sxid or EventKinds.PcieAer or EventKinds.Nvswitch or EventKinds.PeerMemory or EventKinds.GpuOffBus => TimeSpan.FromSeconds(1),
        EventKinds.Gsp => TimeSpan.FromSeconds(30),
        _ => TimeSpan.Zero,
    };

    /// <summary>True for kinds that the kernel's log and the driver's event queue both tell, so that two sightings can be one incident.</summary>
    internal static bool CanPair(string kind) => kind is EventKinds.Xid or EventKinds.Sxid or EventKinds.GpuOffBus or EventKinds.Gsp;

    /// <summary>
    /// True for what only accompanies an XID: the words about a lost GPU beside 79, those about the GSP beside 119 and 120, and what the
    /// driver's event queue says of the same memory error, lost GPU or recovery action in words of its own.
    /// </summary>
    internal static bool Accompanies(Sighting sighting, string otherKind, int? otherCode) => otherKind == EventKinds.Xid && sighting.Phase == EventPhase.Instant && sighting.Kind switch
    {
        EventKinds.GpuOffBus or EventKinds.Availability => otherCode == FellOffTheBus,
        EventKinds.Gsp => otherCode is RpcTimeout or SystemProcessorError,
        EventKinds.Ecc => otherCode is 48 or 63 or 64 or 92 or 94 or 95,
        EventKinds.RecoveryAction => otherCode == RecoveryActionChanged,
        _ => false,
    };

    /// <summary>True where the words do not say which GPU, so that they accompany that of any.</summary>
    internal static bool NamesNoGpu(string kind, GpuReference? gpu) => kind == EventKinds.Gsp && gpu is null;

    /// <summary>The witness that the kernel's log is, however it was read.</summary>
    internal const string Kernel = "kernel";

    /// <summary>Who saw it: the device and the journal hand over the same log.</summary>
    internal static string Witness(string source) => source is "kmsg" or "journal" ? Kernel : source;
}
