namespace Monitoring.Simulator;

/// <summary>Types of events that a driver reports through an event set; the values are NVML's bits.</summary>
[Flags]
public enum GpuEventType : ulong
{
    None = 0,
    SingleBitEcc = 0x1,
    DoubleBitEcc = 0x2,
    PerformanceState = 0x4,
    Xid = 0x8,
    Clock = 0x10,
    PowerSourceChange = 0x80,
    MigConfigurationChange = 0x100,
    SingleBitEccStorm = 0x200,
    DramRetirement = 0x400,
    DramRetirementFailure = 0x800,
    NonFatalPoison = 0x1000,
    FatalPoison = 0x2000,
    GpuUnavailable = 0x4000,
    GpuRecoveryAction = 0x8000,
}
