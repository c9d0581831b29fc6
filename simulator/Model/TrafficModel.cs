using Monitoring.Simulator.NodeProfiles;
using Monitoring.Simulator.State;

namespace Monitoring.Simulator.Model;

/// <summary>Bytes over PCIe and NVLink, as rates and as counters that never lose a fraction.</summary>
internal sealed class TrafficModel(SimulationProfile profile)
{
    private const double Kibi = 1024;
    private const double BytesPerPacket = 256;

    /// <summary>Idle boards still talk to the driver: some 340 KiB/s on a real H100.</summary>
    private const double IdlePcieKibibytesPerSecond = 340;

    private readonly double[] _transmitRemainder = new double[StateFile.LinkLimit];
    private readonly double[] _receiveRemainder = new double[StateFile.LinkLimit];
    private double _pcieTransmitRemainder, _pcieReceiveRemainder;

    public void Step(double seconds, WorkloadPhase phase, double activity, GpuConditions conditions, GpuReadings pins, ref GpuState state)
    {
        var pcie = profile.PcieMebibytesPerSecondAtLoad * phase.Pcie;
        if (!pins.HasFlag(GpuReadings.Traffic))
        {
            state.PcieTransmitKibibytesPerSecond = state.PcieTransmitKibibytesPerSecond == Absent.Value ? Absent.Value : (uint)(IdlePcieKibibytesPerSecond + pcie * Kibi * 0.4);
            state.PcieReceiveKibibytesPerSecond = state.PcieReceiveKibibytesPerSecond == Absent.Value ? Absent.Value : (uint)(IdlePcieKibibytesPerSecond + pcie * Kibi);
        }
        Count(ref state.PcieTransmitBytes, ref _pcieTransmitRemainder, state.PcieTransmitKibibytesPerSecond, seconds);
        Count(ref state.PcieReceiveBytes, ref _pcieReceiveRemainder, state.PcieReceiveKibibytesPerSecond, seconds);

        Span<LinkState> links = state.Links;
        double total = 0;
        var perLink = phase.Nvlink * profile.NvlinkShareAtLoad * Math.Min(1, activity / Math.Max(0.01, phase.Activity));
        for (var index = 0; index < state.LinkCount; index++)
        {
            ref var link = ref links[index];
            link.Active = conditions.DownLinks.Contains(index) || link.RemoteDeviceId == 0 ? 0u : 1u;
            if (link.Active == 0) continue;
            var kibibytesPerSecond = link.SpeedMegabytesPerSecond * 1e6 / Kibi * perLink;
            link.TransmitKibibytes += Whole(ref _transmitRemainder[index], kibibytesPerSecond * seconds);
            link.ReceiveKibibytes += Whole(ref _receiveRemainder[index], kibibytesPerSecond * seconds);
            link.TransmitPackets = (ulong)(link.TransmitKibibytes * (Kibi / BytesPerPacket));
            link.ReceivePackets = (ulong)(link.ReceiveKibibytes * (Kibi / BytesPerPacket));
            total += kibibytesPerSecond / Kibi;
        }
        if (pins.HasFlag(GpuReadings.Gpm)) return;
        state.GpmRate[(int)GpmRate.PcieTransmit] = state.PcieTransmitKibibytesPerSecond / Kibi;
        state.GpmRate[(int)GpmRate.PcieReceive] = state.PcieReceiveKibibytesPerSecond / Kibi;
        state.GpmRate[(int)GpmRate.NvlinkTransmit] = state.GpmRate[(int)GpmRate.NvlinkReceive] = state.LinkCount == 0 ? double.NaN : total;
    }

    private static void Count(ref ulong counter, ref double remainder, uint kibibytesPerSecond, double seconds)
    {
        if (kibibytesPerSecond != Absent.Value) counter += Whole(ref remainder, kibibytesPerSecond * Kibi * seconds);
    }

    private static ulong Whole(ref double remainder, double amount)
    {
        remainder += amount;
        var whole = Math.Floor(remainder);
        remainder -= whole;
        return (ulong)whole;
    }
}
