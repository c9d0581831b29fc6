namespace Monitoring.Simulator.Model;

/// <summary>Reasons for low clocks; the values are NVML's bits.</summary>
[Flags]
internal enum ClockEventReason : ulong
{
    None = 0,
    Idle = 0x1,
    SoftwarePowerCap = 0x4,
    HardwareSlowdown = 0x8,
    SyncBoost = 0x10,
    SoftwareThermal = 0x20,
    HardwareThermal = 0x40,
    HardwarePowerBrake = 0x80,
}
