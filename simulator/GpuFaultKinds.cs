namespace Monitoring.Simulator;

/// <summary>Kinds of ECC errors; the values are NVML's.</summary>
public enum EccError
{
    Corrected = 0,
    Uncorrected = 1,
}

/// <summary>Memories that have ECC; the values are NVML's. Ampere and later report DRAM and SRAM only.</summary>
public enum EccLocation
{
    L1Cache = 0,
    L2Cache = 1,
    Dram = 2,
    RegisterFile = 3,
    TextureMemory = 4,
    TextureShared = 5,
    Cbu = 6,
    Sram = 7,
}

/// <summary>Error counters of an NVLink; the values are NVML's.</summary>
public enum LinkError
{
    Replay = 0,
    Recovery = 1,
    CrcFlit = 2,
    CrcData = 3,
    EccData = 4,
}

/// <summary>In which list of processes one appears.</summary>
[Flags]
public enum ProcessKind
{
    None = 0,
    Compute = 1,
    Graphics = 2,
    Mps = 4,
}
