using Monitoring.Simulator.State;

namespace Monitoring.Simulator;

/// <content>What goes wrong with a GPU: return codes, hangs, delays, events, errors in memory and links.</content>
public sealed partial class SimulatedGpu
{
    /// <summary>Every call to the GPU blocks until this is false again, as with a wedged driver: the caller cannot be interrupted.</summary>
    public bool Hang
    {
        get => Volatile.Read(ref State.Hang) != 0;
        set => Volatile.Write(ref State.Hang, value ? 1u : 0);
    }

    /// <summary>The GPU fell off the bus: every call answers GPU_IS_LOST.</summary>
    public bool IsLost
    {
        get => State.Lost != 0;
        set
        {
            Write((ref state) => state.Lost = value ? 1u : 0);
            _node.ShowLoss(this, value);
        }
    }

    /// <summary>Delay of every call to the GPU in microseconds.</summary>
    public uint LatencyMicroseconds
    {
        get => State.LatencyMicroseconds;
        set => Write((ref state) => state.LatencyMicroseconds = value);
    }

    /// <summary>What the driver advises: 0 nothing, 1 reset the GPU, 2 reboot the node, 3 drain P2P, 4 drain and reset.</summary>
    public uint? RecoveryAction
    {
        get => Read(State.RecoveryAction);
        set => Write((ref state) => state.RecoveryAction = value ?? Absent.Value);
    }

    /// <summary>A remapped row, before Ampere a retired page, waits for a reset.</summary>
    public bool RemapPending
    {
        get => State.RemapPending == 1;
        set => Write((ref state) =>
        {
            if (state.RemapPending != Absent.Value) state.RemapPending = value ? 1u : 0;
            else if (state.RetiredPending != Absent.Value) state.RetiredPending = value ? 1u : 0;
        });
    }

    /// <summary>A row could not be remapped.</summary>
    public bool RemapFailed
    {
        get => State.RemapFailed == 1;
        set => Write((ref state) => state.RemapFailed = state.RemapFailed == Absent.Value ? Absent.Value : value ? 1u : 0);
    }

    /// <summary>Makes one function answer a return code for this GPU; <see cref="DriverResult.Normal"/> ends it.</summary>
    public void SetResult(string function, DriverResult result)
    {
        var index = FunctionTable.IndexOf(function);
        Write((ref state) => state.FunctionResult[index] = (ushort)result);
    }

    /// <summary>Makes one field id answer a return code.</summary>
    public void SetFieldResult(int fieldId, DriverResult result) => Write((ref state) => state.FieldResult[fieldId] = (ushort)result);

    /// <summary>Makes one GPM metric answer a return code.</summary>
    public void SetGpmResult(int metricId, DriverResult result) => Write((ref state) => state.GpmResult[metricId] = (ushort)result);

    /// <summary>Makes one function block for this GPU until it is told otherwise.</summary>
    public void SetFunctionHang(string function, bool hangs)
    {
        var index = FunctionTable.IndexOf(function);
        Volatile.Write(ref State.FunctionHang[index], hangs ? (byte)1 : (byte)0);
    }

    /// <summary>Delay of one function in microseconds.</summary>
    public void SetLatency(string function, uint microseconds)
    {
        var index = FunctionTable.IndexOf(function);
        Write((ref state) => state.FunctionLatencyMicroseconds[index] = microseconds);
    }

    /// <summary>Queues an event for clients that wait for it; <paramref name="data"/> is the code of an XID, which the kernel's log tells too.</summary>
    public void RaiseEvent(GpuEventType type, ulong data = 0, uint gpuInstanceId = uint.MaxValue, uint computeInstanceId = uint.MaxValue)
    {
        if (type == GpuEventType.Xid) _node.WriteXid(this, data);
        Tell(type, data, gpuInstanceId, computeInstanceId);
    }

    /// <summary>Queues an event for clients alone: what the kernel's log says of it was written.</summary>
    internal void Tell(GpuEventType type, ulong data, uint gpuInstanceId = uint.MaxValue, uint computeInstanceId = uint.MaxValue)
    {
        _node.Raise(new EventState
        {
            Kind = 1,
            Type = (ulong)type,
            Data = data,
            Gpu = (uint)Index,
            GpuInstanceId = gpuInstanceId,
            ComputeInstanceId = computeInstanceId,
        });
    }

    /// <summary>Adds ECC errors to the volatile and the lifetime counter of a location; SRAM is the L2 cache before Ampere.</summary>
    public void AddEccErrors(EccError type, EccLocation location, ulong count) => Write((ref state) =>
    {
        for (var counter = 0; counter < 2; counter++)
        {
            var place = NodeProfiles.MemoryErrorsPart.Place((int)type, counter, (int)location);
            if (state.EccCounts[place] == Absent.Wide) place = NodeProfiles.MemoryErrorsPart.Place((int)type, counter, (int)EccLocation.L2Cache);
            if (state.EccCounts[place] != Absent.Wide) state.EccCounts[place] += count;
            if (type == EccError.Uncorrected && location == EccLocation.Sram) state.SramParity[counter] += count;
        }
        if (type == EccError.Uncorrected && location == EccLocation.Sram) state.SramBuckets[1] += count;
    });

    /// <summary>Clears the volatile counters, as a reload of the driver does.</summary>
    public void ResetVolatileEcc() => Write((ref state) =>
    {
        foreach (var type in (ReadOnlySpan<int>)[0, 1])
            for (var location = 0; location < NodeProfiles.MemoryErrorsPart.Locations; location++)
            {
                ref var count = ref state.EccCounts[NodeProfiles.MemoryErrorsPart.Place(type, 0, location)];
                if (count != Absent.Wide) count = 0;
            }
        state.SramParity[0] = state.SramDouble[0] = 0;
    });

    /// <summary>Adds remapped rows, which take spare rows from banks; before Ampere pages are retired instead.</summary>
    public void AddRemappedRows(uint correctable, uint uncorrectable) => Write((ref state) =>
    {
        if (state.RemappedCorrectable == Absent.Value)
        {
            if (state.RetiredCounts[0] == Absent.Value) return;
            state.RetiredCounts[0] += correctable;
            state.RetiredCounts[1] += uncorrectable;
            return;
        }
        state.RemappedCorrectable += correctable;
        state.RemappedUncorrectable += uncorrectable;
        var banks = Math.Min(state.RemapHistogram[0], correctable + uncorrectable);
        if (state.RemapHistogram[0] == Absent.Value) return;
        state.RemapHistogram[0] -= banks;
        state.RemapHistogram[1] += banks;
    });

    /// <summary>How many NVLinks the GPU has.</summary>
    public int LinkCount => (int)State.LinkCount;

    /// <summary>Takes a link down or up.</summary>
    public void SetLinkUp(int link, bool isUp)
    {
        ThrowIfNoLink(link);
        Write((ref state) =>
        {
            if (isUp) Model.Conditions.DownLinks.Remove(link);
            else Model.Conditions.DownLinks.Add(link);
            state.Links[link].Active = isUp ? 1u : 0;
        });
    }

    /// <summary>Adds errors to a link's counter.</summary>
    public void AddLinkErrors(int link, LinkError kind, ulong count)
    {
        ThrowIfNoLink(link);
        Write((ref state) => state.Links[link].Errors[(int)kind] += count);
    }

    /// <summary>PCIe lanes in use.</summary>
    public uint? PcieWidthLanes
    {
        get => Read(State.PcieWidthCurrent);
        set => Write((ref state) => state.PcieWidthCurrent = value ?? Absent.Value);
    }

    /// <summary>Adds PCIe replays.</summary>
    public void AddPcieReplays(uint count) => Write((ref state) => state.PcieReplays += count);

    private void ThrowIfNoLink(int link)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(link);
        if (link >= State.LinkCount) throw new ArgumentOutOfRangeException(nameof(link), link, $"the GPU has {State.LinkCount} links");
    }
}
