namespace Monitoring.Simulator.State;

/// <summary>Values of a reading that the simulated GPU does not have: the library answers NOT_SUPPORTED.</summary>
internal static class Absent
{
    public const uint Value = uint.MaxValue;
    public const ulong Wide = ulong.MaxValue;
    public const int Signed = int.MinValue;
}
