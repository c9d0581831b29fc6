using System.Numerics;

namespace Monitoring.Agent.Devices;

/// <summary>What the driver tells through event sets: the bits of nvmlEventType (header 13.3), and those of system events from bit 32 on.</summary>
[Flags]
internal enum DriverEventType : ulong
{
    None = 0,
    SingleBitEcc = 0x1,
    DoubleBitEcc = 0x2,
    PerformanceState = 0x4,
    Xid = 0x8,
    Clock = 0x10,
    PowerSourceChange = 0x80,
    MigConfigChange = 0x100,
    SingleBitEccStorm = 0x200,
    DramRetirement = 0x400,
    DramRetirementFailure = 0x800,
    NonFatalPoison = 0x1000,
    FatalPoison = 0x2000,
    GpuUnavailable = 0x4000,
    GpuRecoveryAction = 0x8000,
    DriverUnbind = 0x1_0000_0000,
    DriverBind = 0x2_0000_0000,
}

/// <summary>One event as the driver told it.</summary>
/// <param name="Number">Counts the events of this process from 0.</param>
/// <param name="Type">One type.</param>
/// <param name="Data">The XID for <see cref="DriverEventType.Xid"/>, the driver's id of the GPU for system events, else without a meaning.</param>
/// <param name="Gpu">The GPU; null where the driver named none that is known.</param>
/// <param name="GpuInstance">MIG GPU instance; null where the event belongs to none.</param>
/// <param name="ComputeInstance">MIG compute instance; null where the event belongs to none.</param>
/// <param name="Time">When the driver handed it over: its records carry no time.</param>
internal sealed record DriverEvent(
    long Number, DriverEventType Type, ulong Data, GpuIdentity? Gpu, int? GpuInstance, int? ComputeInstance, DateTimeOffset Time);

/// <summary>Sets of event types.</summary>
internal static class DriverEventTypes
{
    /// <summary>Every type of a GPU that this agent knows.</summary>
    internal const DriverEventType OfGpu = (DriverEventType)0xff9f;

    /// <summary>Types that may come many times a second on a machine that works as it should.</summary>
    internal const DriverEventType Noisy = DriverEventType.SingleBitEcc | DriverEventType.PerformanceState | DriverEventType.Clock;

    /// <summary>Every type with its label value.</summary>
    internal static IReadOnlyList<(DriverEventType Type, string Label)> All { get; } =
        [.. Enum.GetValues<DriverEventType>().Where(static type => type != DriverEventType.None).Select(static type => (type, LabelOf(type)))];

    /// <summary>Place of a single type among 64.</summary>
    internal static int PlaceOf(DriverEventType type) => BitOperations.TrailingZeroCount((ulong)type);

    private static string LabelOf(DriverEventType type) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(type.ToString());
}
