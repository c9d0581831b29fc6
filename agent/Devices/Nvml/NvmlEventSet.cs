namespace Monitoring.Agent.Devices.Nvml;

/// <summary>
/// The driver's event queue: a set for GPUs and, where the driver has it (R575 and later), one for the binding of GPUs. Everything
/// happens on one thread, so that a set is never freed while a wait is in it.
/// </summary>
internal sealed unsafe class NvmlEventSet(NvmlLibrary nvml, DriverClock clock)
{
    private const int SystemEventsAtOnce = 16;
    private const ulong UnbindAndBind = 3;
    private const int SystemTypesFrom = 32;
    private nint gpus;
    private nint system;

    /// <summary>True once <see cref="Create"/> succeeded, until <see cref="Free"/>.</summary>
    internal bool IsOpen => gpus != 0;

    /// <summary>Makes the sets; the one for system events may be missing.</summary>
    internal NvmlReturn Create()
    {
        if (!nvml.Exports(NvmlCall.EventSetCreate) || !nvml.Exports(NvmlCall.EventSetWait_v2) || !nvml.Exports(NvmlCall.DeviceRegisterEvents)
            || !nvml.Exports(NvmlCall.DeviceGetSupportedEventTypes))
            return NvmlReturn.FunctionNotFound;
        clock.Enter(NvmlCall.EventSetCreate);
        var code = NvmlImports.nvmlEventSetCreate(out gpus);
        clock.Leave();
        if (code != NvmlReturn.Success) gpus = 0;
        else CreateSystemSet();
        return code;
    }

    /// <summary>Registers those of the wanted types that the GPU has; one that it lacks would refuse them all.</summary>
    /// <param name="device">The GPU.</param>
    /// <param name="wanted">Types to ask for.</param>
    internal NvmlReturn Register(NvmlDevice device, DriverEventType wanted)
    {
        clock.Enter(NvmlCall.DeviceGetSupportedEventTypes);
        var code = NvmlImports.nvmlDeviceGetSupportedEventTypes(device, out var supported);
        clock.Leave();
        if (code != NvmlReturn.Success) return code;
        var types = supported & (ulong)wanted;
        if (types == 0) return NvmlReturn.NotSupported;
        clock.Enter(NvmlCall.DeviceRegisterEvents);
        code = NvmlImports.nvmlDeviceRegisterEvents(device, types, gpus);
        clock.Leave();
        return code;
    }

    /// <summary>Waits for the next event of a GPU.</summary>
    /// <returns>Timeout when none came, which is the rule.</returns>
    internal NvmlReturn Wait(TimeSpan timeout, out NvmlEventData data)
    {
        clock.Enter(NvmlCall.EventSetWait_v2);
        var code = NvmlImports.nvmlEventSetWait_v2(gpus, out data, (uint)timeout.TotalMilliseconds);
        clock.LeaveWait();
        return code;
    }

    /// <summary>Takes the system events that have come, without waiting.</summary>
    internal IReadOnlyList<(DriverEventType Type, uint GpuId)> TakeSystemEvents()
    {
        if (system == 0) return [];
        var events = stackalloc NvmlSystemEventData[SystemEventsAtOnce];
        var request = new NvmlSystemEventSetWaitRequest
        {
            Version = NvmlVersion.SystemEventSetWaitRequest_v1, Set = system, Data = (nint)events, DataSize = SystemEventsAtOnce,
        };
        clock.Enter(NvmlCall.SystemEventSetWait);
        var code = NvmlImports.nvmlSystemEventSetWait(ref request);
        clock.LeaveWait();
        if (code != NvmlReturn.Success) return [];
        var taken = new (DriverEventType, uint)[Math.Min(request.Count, SystemEventsAtOnce)];
        for (var i = 0; i < taken.Length; i++) taken[i] = ((DriverEventType)(events[i].Type << SystemTypesFrom), events[i].GpuId);
        return taken;
    }

    /// <summary>Gives the sets back.</summary>
    internal void Free()
    {
        if (gpus != 0 && nvml.Exports(NvmlCall.EventSetFree))
        {
            clock.Enter(NvmlCall.EventSetFree);
            _ = NvmlImports.nvmlEventSetFree(gpus);
            clock.Leave();
        }
        gpus = 0;
        FreeSystemSet();
    }

    private void CreateSystemSet()
    {
        if (!nvml.Exports(NvmlCall.SystemEventSetCreate) || !nvml.Exports(NvmlCall.SystemRegisterEvents) || !nvml.Exports(NvmlCall.SystemEventSetWait)) return;
        var request = new NvmlSystemEventSetRequest { Version = NvmlVersion.SystemEventSetRequest_v1 };
        clock.Enter(NvmlCall.SystemEventSetCreate);
        var code = NvmlImports.nvmlSystemEventSetCreate(ref request);
        clock.Leave();
        if (code != NvmlReturn.Success) return;
        system = request.Set;
        var registration = new NvmlSystemRegisterEventRequest { Version = NvmlVersion.SystemRegisterEventRequest_v1, Types = UnbindAndBind, Set = system };
        clock.Enter(NvmlCall.SystemRegisterEvents);
        code = NvmlImports.nvmlSystemRegisterEvents(ref registration);
        clock.Leave();
        if (code != NvmlReturn.Success) FreeSystemSet();
    }

    private void FreeSystemSet()
    {
        if (system == 0 || !nvml.Exports(NvmlCall.SystemEventSetFree)) return;
        var request = new NvmlSystemEventSetRequest { Version = NvmlVersion.SystemEventSetRequest_v1, Set = system };
        clock.Enter(NvmlCall.SystemEventSetFree);
        _ = NvmlImports.nvmlSystemEventSetFree(ref request);
        clock.Leave();
        system = 0;
    }
}
