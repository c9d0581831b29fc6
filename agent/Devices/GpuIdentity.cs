namespace Monitoring.Agent.Devices;

/// <summary>Who a GPU is; every text is empty where the driver does not say.</summary>
/// <param name="Index">NVML index: PCI bus order, as nvidia-smi counts.</param>
/// <param name="Uuid">Such as <c>GPU-9221d5d1-...</c>.</param>
/// <param name="Model">Such as <c>NVIDIA H100 80GB HBM3</c>.</param>
/// <param name="Architecture">Such as <c>hopper</c>.</param>
/// <param name="Vbios">VBIOS version.</param>
/// <param name="Serial">Board serial number.</param>
/// <param name="BoardPart">Board part number.</param>
/// <param name="PciBusId">Such as <c>00000000:62:00.0</c>, upper-case hexadecimal with an eight-digit domain.</param>
/// <param name="Inforom">InfoROM image version.</param>
internal sealed record GpuIdentity(
    int Index, string Uuid, string Model, string Architecture, string Vbios, string Serial, string BoardPart, string PciBusId, string Inforom);

/// <summary>One MIG instance of a GPU.</summary>
/// <param name="Profile">Such as <c>1g.10gb</c>; empty where the driver's name of it has none.</param>
/// <param name="GpuInstance">GPU instance id.</param>
/// <param name="ComputeInstance">Compute instance id.</param>
internal sealed record MigIdentity(string Profile, int GpuInstance, int ComputeInstance);
