using Monitoring.Collector.Storage;

namespace Monitoring.Tests.Collector.Storage;

/// <summary>Marks of records that queries look at the time of alone.</summary>
internal readonly struct NoMarks;

/// <summary>Asks for every record.</summary>
internal readonly struct Anything : ISought<NoMarks>
{
    public long SinceTicks => long.MinValue;

    public long UntilTicks => long.MaxValue;

    public bool MayBe(in NoMarks marks) => true;
}
