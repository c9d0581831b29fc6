namespace Monitoring.Agent.Devices.Nvml;

internal sealed unsafe partial class NvmlGpu
{
    /// <summary>Memory locations in the order of nvmlMemoryLocation_t.</summary>
    internal static readonly string[] EccLocationNames = ["l1", "l2", "dram", "register_file", "texture", "texture_shared", "cbu", "sram"];

    private const int ErrorTypes = 2; // nvmlMemoryErrorType_t: 0 corrected, 1 uncorrected
    private readonly PersistentCount[] eccCounts = new PersistentCount[ErrorTypes * EccLocationNames.Length];
    private Answer<NvmlEccSramErrorStatus> sram;
    private Answer<(uint Correctable, uint Uncorrectable, uint Pending, uint Failure)> remapped;
    private Answer<NvmlRowRemapperHistogram> histogram;

    internal double EccModeEnabled() =>
        Ask(NvmlCall.DeviceGetEccMode) && Told(NvmlImports.nvmlDeviceGetEccMode(device, out var current, out _)) ? current : double.NaN;

    /// <summary>Errors since the GPU was first watched, from the volatile count, which falls back to 0 when the driver is loaded anew.</summary>
    internal double EccErrors(int errorType, int location)
    {
        var volatileCount = MemoryErrors(errorType, counterType: 0, location);
        return double.IsNaN(volatileCount) ? double.NaN : eccCounts[errorType * EccLocationNames.Length + location].Observe(volatileCount);
    }

    /// <summary>Errors over the life of the board, as the InfoROM keeps them.</summary>
    internal double EccLifetimeErrors(int errorType, int location) => MemoryErrors(errorType, counterType: 1, location);

    /// <summary>1 when SRAM errors passed the threshold at which the GPU should be replaced.</summary>
    internal double EccSramThresholdExceeded()
    {
        if (!Known(ref sram))
        {
            sram.Value = new NvmlEccSramErrorStatus { Version = NvmlVersion.EccSramErrorStatus_v1 };
            if (Ask(NvmlCall.DeviceGetSramEccErrorStatus)) Told(NvmlImports.nvmlDeviceGetSramEccErrorStatus(device, ref sram.Value));
            Keep(ref sram);
        }
        return sram.Return == NvmlReturn.Success ? sram.Value.ThresholdExceeded : double.NaN;
    }

    internal double RemappedRows(int errorType) =>
        Remapped() ? (errorType == 0 ? remapped.Value.Correctable : remapped.Value.Uncorrectable) : double.NaN;

    /// <summary>1 when a remapping waits for a reset of the GPU.</summary>
    internal double RowRemapPending() => Remapped() ? remapped.Value.Pending : double.NaN;

    /// <summary>1 when a remapping failed: the GPU should be replaced.</summary>
    internal double RowRemapFailure() => Remapped() ? remapped.Value.Failure : double.NaN;

    /// <summary>Memory banks by spare rows left: 0 all, 1 most, 2 some, 3 few, 4 none.</summary>
    internal double RowRemapBanks(int availability)
    {
        if (!Known(ref histogram))
        {
            if (Ask(NvmlCall.DeviceGetRowRemapperHistogram)) Told(NvmlImports.nvmlDeviceGetRowRemapperHistogram(device, out histogram.Value));
            Keep(ref histogram);
        }
        if (histogram.Return != NvmlReturn.Success) return double.NaN;
        return availability switch
        {
            0 => histogram.Value.Maximum,
            1 => histogram.Value.High,
            2 => histogram.Value.Partial,
            3 => histogram.Value.Low,
            _ => histogram.Value.None,
        };
    }

    /// <summary>Pages retired for a cause (0 several single-bit errors, 1 a double-bit error); boards before Ampere.</summary>
    internal double RetiredPages(int cause)
    {
        uint count = 0;
        if (!Ask(NvmlCall.DeviceGetRetiredPages)) return double.NaN;
        var code = NvmlImports.nvmlDeviceGetRetiredPages(device, (uint)cause, ref count, null);
        // Asked without room for addresses, the driver answers "insufficient size" and the count.
        return Told(code == NvmlReturn.InsufficientSize ? NvmlReturn.Success : code) ? count : double.NaN;
    }

    /// <summary>1 when pages wait for retirement at the next driver load.</summary>
    internal double RetiredPagesPending(int cause) =>
        Field(cause == 0 ? NvmlField.RetiredPendingSingleBit : NvmlField.RetiredPendingDoubleBit);

    private double MemoryErrors(int errorType, uint counterType, int location) =>
        Ask(NvmlCall.DeviceGetMemoryErrorCounter)
        && Told(NvmlImports.nvmlDeviceGetMemoryErrorCounter(device, (uint)errorType, counterType, (uint)location, out var count)) ? count : double.NaN;

    private bool Remapped()
    {
        if (!Known(ref remapped))
        {
            if (Ask(NvmlCall.DeviceGetRemappedRows))
            {
                Told(NvmlImports.nvmlDeviceGetRemappedRows(device, out var correctable, out var uncorrectable, out var pending, out var failure));
                remapped.Value = (correctable, uncorrectable, pending, failure);
            }
            Keep(ref remapped);
        }
        return remapped.Return == NvmlReturn.Success;
    }
}
