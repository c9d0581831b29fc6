namespace Monitoring.Collector.Events;

/// <summary>An event that was found good, on its way into the store.</summary>
/// <param name="Entry">What the index keeps of it.</param>
/// <param name="Labels">What it is counted by.</param>
/// <param name="Json">The event as its sender wrote it, on one line; one that is dated ahead with the time at which it came.</param>
/// <param name="IsAhead">Whether it is dated later than it came.</param>
internal sealed record IncomingEvent(EventEntry Entry, EventLabels Labels, ReadOnlyMemory<byte> Json, bool IsAhead = false);

/// <summary>What became of events that were given to the store.</summary>
/// <param name="Stored">How many are kept now that were not before.</param>
/// <param name="Duplicates">How many were there already.</param>
/// <param name="Expired">How many were too old to be kept.</param>
/// <param name="Fault">Why some are not safe, in words; null where all are. The sender must give all of them again then.</param>
internal readonly record struct EventCommit(int Stored, int Duplicates, int Expired, string? Fault);
