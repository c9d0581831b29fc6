namespace Monitoring.Segments;

/// <summary>A record of a log as it was appended.</summary>
/// <param name="Sequence">Its number: rises with every record, never given twice, from 1.</param>
/// <param name="Type">What its payload is, in the owner's own terms. Readers pass over types that they do not know.</param>
/// <param name="Payload">A copy that is the reader's own.</param>
public readonly record struct SegmentRecord(ulong Sequence, byte Type, ReadOnlyMemory<byte> Payload);

/// <summary>A place where a segment cannot be read further; what comes after it in that segment is lost, later segments are not.</summary>
/// <param name="Path">The file.</param>
/// <param name="Offset">Bytes that were read well.</param>
/// <param name="Reason">Why it ends there, in words.</param>
public sealed record SegmentDamage(string Path, long Offset, string Reason);

/// <summary>A segment that retention deleted.</summary>
/// <param name="Path">The file.</param>
/// <param name="FirstSequence">Number of its first record.</param>
/// <param name="EndSequence">Every record below this number is gone.</param>
/// <param name="Reason">Which limit it was over.</param>
public sealed record DeletedSegment(string Path, ulong FirstSequence, ulong EndSequence, RetentionReason Reason);

/// <summary>Which limit a segment was over.</summary>
public enum RetentionReason { Bytes, Age }
