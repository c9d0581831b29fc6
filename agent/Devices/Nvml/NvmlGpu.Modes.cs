using System.Text.RegularExpressions;

namespace Monitoring.Agent.Devices.Nvml;

internal sealed partial class NvmlGpu
{
    /// <summary>Recovery actions in the order of nvmlDeviceGpuRecoveryAction_t.</summary>
    internal static readonly string[] RecoveryActionNames = ["none", "gpu_reset", "node_reboot", "drain_p2p", "drain_and_reset", "recover_imex_domain"];

    /// <summary>Fabric states in the order of nvmlGpuFabricState_t.</summary>
    internal static readonly string[] FabricStateNames = ["not_supported", "not_started", "in_progress", "completed"];

    private Answer<double> recoveryAction;
    private Answer<byte> fabricState;

    internal double PersistenceModeEnabled() =>
        Ask(NvmlCall.DeviceGetPersistenceMode) && Told(NvmlImports.nvmlDeviceGetPersistenceMode(device, out var mode)) ? mode : double.NaN;

    /// <summary>0 default, 1 exclusive thread, 2 prohibited, 3 exclusive process.</summary>
    internal double ComputeMode() =>
        Ask(NvmlCall.DeviceGetComputeMode) && Told(NvmlImports.nvmlDeviceGetComputeMode(device, out var mode)) ? mode : double.NaN;

    internal double MigModeEnabled() =>
        Ask(NvmlCall.DeviceGetMigMode) && Told(NvmlImports.nvmlDeviceGetMigMode(device, out var current, out _)) ? current : double.NaN;

    /// <summary>1 for the action that the driver asks for, 0 for the others (field 230, header 12.8).</summary>
    internal double RecoveryAction(int action)
    {
        if (!Known(ref recoveryAction))
        {
            recoveryAction.Value = Field(NvmlField.RecoveryAction);
            Keep(ref recoveryAction);
        }
        return double.IsNaN(recoveryAction.Value) ? double.NaN : recoveryAction.Value == action ? 1 : 0;
    }

    /// <summary>1 for the state that the NVLink fabric is in, 0 for the others.</summary>
    internal double FabricState(int state)
    {
        if (!Known(ref fabricState))
        {
            var info = new NvmlGpuFabricInfo { Version = NvmlVersion.GpuFabricInfo_v3 };
            var answered = Ask(NvmlCall.DeviceGetGpuFabricInfoV) && Told(NvmlImports.nvmlDeviceGetGpuFabricInfoV(device, ref info));
            if (!answered && LastReturn == NvmlReturn.ArgumentVersionMismatch)
            {
                info = new NvmlGpuFabricInfo { Version = NvmlVersion.GpuFabricInfo_v2 };
                if (Ask(NvmlCall.DeviceGetGpuFabricInfoV)) Told(NvmlImports.nvmlDeviceGetGpuFabricInfoV(device, ref info));
            }
            fabricState.Value = info.State;
            Keep(ref fabricState);
        }
        return fabricState.Return == NvmlReturn.Success ? (fabricState.Value == state ? 1 : 0) : double.NaN;
    }

    /// <summary>The MIG devices of this GPU as they are now; empty slots are skipped.</summary>
    internal IReadOnlyList<(NvmlDevice Device, MigIdentity Identity)> MigDevices()
    {
        if (MigModeEnabled() is not 1 || !Ask(NvmlCall.DeviceGetMaxMigDeviceCount)
            || !Told(NvmlImports.nvmlDeviceGetMaxMigDeviceCount(device, out var slots)))
            return [];
        List<(NvmlDevice, MigIdentity)> found = [];
        for (uint slot = 0; slot < slots; slot++)
        {
            if (!Ask(NvmlCall.DeviceGetMigDeviceHandleByIndex) || !Told(NvmlImports.nvmlDeviceGetMigDeviceHandleByIndex(device, slot, out var mig))) continue;
            var gi = Ask(NvmlCall.DeviceGetGpuInstanceId) && Told(NvmlImports.nvmlDeviceGetGpuInstanceId(mig, out var instance)) ? (int)instance : -1;
            var ci = Ask(NvmlCall.DeviceGetComputeInstanceId) && Told(NvmlImports.nvmlDeviceGetComputeInstanceId(mig, out var compute)) ? (int)compute : -1;
            if (gi >= 0) found.Add((mig, new MigIdentity(MigProfile(mig), gi, ci)));
        }
        return found;
    }

    /// <summary>A reader of one of <see cref="MigDevices"/>.</summary>
    internal NvmlGpu OpenMig(NvmlDevice mig, MigIdentity identity) =>
        new(nvml, mig, Identity.Index, clock, time, parent: this) { GpuInstance = (uint)identity.GpuInstance };

    /// <summary>The profile stands in the MIG device's name: <c>NVIDIA H100 80GB HBM3 MIG 1g.10gb</c>.</summary>
    private unsafe string MigProfile(NvmlDevice mig)
    {
        var text = stackalloc byte[TextLength];
        return Ask(NvmlCall.DeviceGetName) && Told(NvmlImports.nvmlDeviceGetName(mig, text, TextLength))
            ? MigProfileInName().Match(Text(text)).Groups[1].Value : "";
    }

    [GeneratedRegex(@"\bMIG ((?:\d+c\.)?\d+g\.\d+gb\S*)")]
    private static partial Regex MigProfileInName();
}
