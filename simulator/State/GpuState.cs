using System.Runtime.InteropServices;

namespace Monitoring.Simulator.State;

/// <summary>Everything that the library answers for one GPU. The C side is native/state_gpu.h; a test compares every offset.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GpuState
{
    public uint Sequence; // odd while the writer is inside
    public uint Lost;
    public uint Hang;
    public uint LatencyMicroseconds;
    public ulong UpdatedMicroseconds;
    public ulong ElapsedNanoseconds; // simulated time: the base of GPM intervals

    // Identity.
    public Buffer96<byte> Name;
    public Buffer96<byte> Uuid;
    public Buffer32<byte> Serial;
    public Buffer80<byte> BoardPartNumber;
    public Buffer32<byte> VbiosVersion;
    public Buffer16<byte> InforomImage;
    public Buffer64<byte> InforomObjects;
    public Buffer64<byte> GspVersion;
    public uint Brand;
    public uint Architecture;
    public uint ComputeMajor;
    public uint ComputeMinor;
    public uint CoreCount;
    public uint MemoryBusBits;
    public uint BoardId;
    public uint ModuleId;
    public uint MinorNumber;
    public uint PersistenceMode;
    public uint ComputeMode;
    public uint DisplayMode;
    public uint DisplayActive;
    public uint VirtualizationMode;
    public uint AddressingMode;
    public uint NumaNode;
    public uint MemoryNumaNode;
    public uint RootComplex;
    public uint GspEnabled;
    public uint MultiGpuBoard;
    public ulong DeviceIdentifier;
    public Buffer16<ulong> CpuAffinity;

    // PCI and PCIe.
    public uint PciDomain;
    public uint PciBus;
    public uint PciDevice;
    public uint PciDeviceId;
    public uint PciSubsystemId;
    public uint PcieGenerationCurrent;
    public uint PcieGenerationMax;
    public uint PcieGenerationGpuMax;
    public uint PcieWidthCurrent;
    public uint PcieWidthMax;
    public uint PcieReplays;
    public uint PcieReplayRollovers;
    public uint PcieTransmitKibibytesPerSecond;
    public uint PcieReceiveKibibytesPerSecond;
    public ulong PcieTransmitBytes;
    public ulong PcieReceiveBytes;
    public Buffer12<uint> PcieErrors; // field 169, then fields 173 to 183

    // Clocks, in MHz, in the order graphics, SM, memory, video.
    public Buffer4<uint> ClockCurrent;
    public Buffer4<uint> ClockMax;
    public Buffer4<uint> ClockApplication;
    public Buffer4<uint> ClockDefault;
    public Buffer4<uint> ClockBoostMax;
    public uint MemoryClockCount;
    public Buffer4<uint> SupportedMemoryClocks;
    public Buffer4<uint> GraphicsClockCounts;
    public Buffer512<uint> SupportedGraphicsClocks;
    public uint PerformanceState;
    public uint AdaptiveClock;
    public uint SamplingPeriodMicroseconds;
    public ulong ClockEventReasons;
    public ulong ClockEventReasonsSupported;
    public Buffer12<ulong> PolicyNanoseconds;
    public Buffer3<ulong> EventReasonNanoseconds; // software thermal, hardware thermal, power brake

    // Utilisation in percent: GPU, memory, encoder, decoder, JPEG, OFA.
    public Buffer6<uint> Utilization;
    public Buffer3<uint> EncoderStats;
    public Buffer3<uint> CaptureStats;
    public ulong MemoryTotalBytes;
    public ulong MemoryReservedBytes;
    public ulong MemoryUsedBytes;
    public ulong Bar1TotalBytes;
    public ulong Bar1UsedBytes;

    // Power, energy, heat.
    public uint PowerMilliwatts;
    public uint PowerInstantMilliwatts;
    public uint PowerLimitMilliwatts;
    public uint PowerLimitEnforcedMilliwatts;
    public uint PowerLimitDefaultMilliwatts;
    public uint PowerLimitMinMilliwatts;
    public uint PowerLimitMaxMilliwatts;
    public uint PowerSource;
    public ulong EnergyMillijoules;
    public int TemperatureCelsius;
    public int TemperatureMemoryCelsius;
    public int TemperatureMarginCelsius;
    public Buffer8<uint> TemperatureThresholdsCelsius;
    public Buffer4<int> TemperatureLimitsCelsius; // fields 193 to 196, relative to the margin's zero
    public uint FanCount;
    public Buffer8<uint> FanPercent;
    public Buffer8<uint> FanTargetPercent;
    public Buffer8<uint> FanRpm;

    // Memory errors: [type][volatile, aggregate][location].
    public uint EccModeCurrent;
    public uint EccModePending;
    public uint EccModeDefault;
    public Buffer32<ulong> EccCounts;
    public Buffer2<ulong> SramParity; // volatile, aggregate
    public Buffer2<ulong> SramDouble;
    public Buffer5<ulong> SramBuckets; // L2, SM, PCIe, microcontroller, other
    public uint SramThresholdExceeded;
    public uint RemappedCorrectable;
    public uint RemappedUncorrectable;
    public uint RemappedCorrectableInactive;
    public uint RemappedUncorrectableInactive;
    public uint RemapPending;
    public uint RemapFailed;
    public Buffer5<uint> RemapHistogram;
    public Buffer2<uint> RetiredCounts;
    public uint RetiredPending;
    public Buffer32<ulong> RetiredAddresses;
    public Buffer32<ulong> RetiredMicroseconds;
    public uint ChannelRepairPending;
    public uint TpcRepairPending;
    public uint UnrepairableMemory;
    public uint RecoveryAction;
    public ulong SupportedEventTypes;

    // Fabric and platform.
    public uint FabricState;
    public uint FabricStatus;
    public uint FabricClique;
    public uint FabricHealthMask;
    public uint FabricHealthSummary;
    public Buffer16<byte> FabricCluster;
    public uint PlatformPresent;
    public Buffer16<byte> PlatformGuid;
    public Buffer16<byte> PlatformChassis;
    public Buffer5<byte> PlatformPlaces; // slot, tray, host, peer type, module
    public uint C2cEnabled;

    // MIG, accounting, GPM.
    public uint MigModeCurrent;
    public uint MigModePending;
    public uint MigMax;
    public uint AccountingMode;
    public uint AccountingBuffer;
    public uint GpmSupported;
    public uint GpmStreaming;
    public uint LinkCount;
    public uint ProcessCount;
    public ulong SampleCount;
    public Buffer48<double> GpmRate;
    public Buffer48<double> GpmIntegral;
    public Buffer36<LinkState> Links;
    public Buffer64<ProcessState> Processes;
    public Buffer8<MigState> Mig;
    public Buffer18<MigProfileState> MigProfiles;
    public Buffer128<SampleState> Samples;

    // Faults: 0 = none, otherwise the return code.
    public Buffer512<ushort> FunctionResult;
    public Buffer512<byte> FunctionHang;
    public Buffer512<uint> FunctionLatencyMicroseconds;
    public Buffer512<ushort> FieldResult;
    public Buffer384<ushort> GpmResult;
}
