namespace Monitoring.Agent.Devices.Nvml;

internal sealed partial class NvmlGpu
{
    /// <summary>Kinds of NVLink errors, in the order of the <c>type</c> argument of <see cref="NvLinkErrors"/>.</summary>
    internal static readonly string[] NvLinkErrorNames = ["replay", "recovery", "crc_flit", "crc_data", "symbol", "effective", "link_recovery"];

    internal const int LinksAtMost = 36; // NVML_NVLINK_MAX_LINKS of header 13.3; older ones end at 18 with "invalid argument"
    private const double BytesPerKibibyte = 1024;
    private const double BytesPerKilobyte = 1000;
    private const double ReplaysPerMinuteAndLane = 0.48;
    private const double ReplayGeneration = 3;
    private const double SecondsPerMinute = 60;

    /// <summary>1 while a link is active.</summary>
    internal double NvLinkUp(int link) =>
        Ask(NvmlCall.DeviceGetNvLinkState) && Told(NvmlImports.nvmlDeviceGetNvLinkState(device, (uint)link, out var active)) ? active : double.NaN;

    /// <summary>Errors of a link: the data-link counters (nvmlNvLinkErrorCounter_t) up to Hopper, the port counters from Blackwell on.</summary>
    internal double NvLinkErrors(int link, int type) => type switch
    {
        4 => Field(NvmlField.NvLinkSymbolErrors, (uint)link),
        5 => Field(NvmlField.NvLinkEffectiveErrors, (uint)link),
        6 => Field(NvmlField.NvLinkLinkRecoveryEvents, (uint)link),
        _ => Ask(NvmlCall.DeviceGetNvLinkErrorCounter)
            && Told(NvmlImports.nvmlDeviceGetNvLinkErrorCounter(device, (uint)link, (uint)type, out var count)) ? count : double.NaN,
    };

    /// <summary>Payload bytes sent over a link, or over every link (<see cref="AllLinks"/>).</summary>
    internal double NvLinkTransmitBytes(uint link) => NvLinkBytes(NvmlField.NvLinkDataTransmitKibibytes, NvmlField.NvLinkTransmitBytes, link);

    /// <summary>Payload bytes received over a link, or over every link (<see cref="AllLinks"/>).</summary>
    internal double NvLinkReceiveBytes(uint link) => NvLinkBytes(NvmlField.NvLinkDataReceiveKibibytes, NvmlField.NvLinkReceiveBytes, link);

    internal double PcieGeneration() =>
        Ask(NvmlCall.DeviceGetCurrPcieLinkGeneration) && Told(NvmlImports.nvmlDeviceGetCurrPcieLinkGeneration(device, out var generation)) ? generation : double.NaN;

    internal double PcieGenerationMaximum() =>
        Ask(NvmlCall.DeviceGetMaxPcieLinkGeneration) && Told(NvmlImports.nvmlDeviceGetMaxPcieLinkGeneration(device, out var generation)) ? generation : double.NaN;

    internal double PcieWidthLanes() =>
        Ask(NvmlCall.DeviceGetCurrPcieLinkWidth) && Told(NvmlImports.nvmlDeviceGetCurrPcieLinkWidth(device, out var lanes)) ? lanes : double.NaN;

    internal double PcieWidthMaximumLanes() =>
        Ask(NvmlCall.DeviceGetMaxPcieLinkWidth) && Told(NvmlImports.nvmlDeviceGetMaxPcieLinkWidth(device, out var lanes)) ? lanes : double.NaN;

    internal double PcieReplays() =>
        Ask(NvmlCall.DeviceGetPcieReplayCounter) && Told(NvmlImports.nvmlDeviceGetPcieReplayCounter(device, out var count)) ? count : double.NaN;

    /// <summary>
    /// Replays that a sound link makes at most: DCGM's limit (modules/health) of 0.48 a minute and lane at generation 3, twice that with
    /// each generation, rounded up to whole replays a minute.
    /// </summary>
    internal double PcieReplayLimitPerSecond() =>
        Math.Ceiling(ReplaysPerMinuteAndLane * PcieWidthLanes() * Math.Pow(2, PcieGeneration() - ReplayGeneration)) / SecondsPerMinute;

    /// <summary>Bytes per second sent over PCIe: GPM's where the GPU has it, else a 20 ms measurement inside the driver.</summary>
    internal double PcieTransmitBytesPerSecond() => PcieBytesPerSecond(GpmMetric.PcieTransmit, counter: 0);

    internal double PcieReceiveBytesPerSecond() => PcieBytesPerSecond(GpmMetric.PcieReceive, counter: 1);

    private double PcieBytesPerSecond(GpmMetric metric, uint counter)
    {
        if (HasGpm) return Gpm(metric);
        return Ask(NvmlCall.DeviceGetPcieThroughput) && Told(NvmlImports.nvmlDeviceGetPcieThroughput(device, counter, out var kilobytes))
            ? kilobytes * BytesPerKilobyte : double.NaN;
    }

    private double NvLinkBytes(NvmlField kibibytes, NvmlField bytes, uint link)
    {
        var value = Field(kibibytes, link) * BytesPerKibibyte;
        if (!double.IsNaN(value) || link != AllLinks) return double.IsNaN(value) ? Field(bytes, link) : value;
        // The port counters have no sum: add the links up, and say nothing unless every link answered.
        var sum = 0.0;
        for (uint each = 0; each < LinkCount; each++)
        {
            var one = Field(bytes, each);
            if (double.IsNaN(one)) return double.NaN;
            sum += one;
        }
        return LinkCount > 0 ? sum : double.NaN;
    }

    /// <summary>Counts the links of a GPU that had none; true when it has some now, such as after MIG mode was switched off.</summary>
    internal bool FoundLinks() => LinkCount == 0 && (LinkCount = CountLinks()) > 0;

    private int CountLinks()
    {
        var links = 0;
        while (links < LinksAtMost && Ask(NvmlCall.DeviceGetNvLinkState)
            && Told(NvmlImports.nvmlDeviceGetNvLinkState(device, (uint)links, out _)))
            links++;
        return links;
    }
}
