using System.Globalization;

namespace Monitoring.Collector.Storage;

/// <summary>A record on its way into a store.</summary>
/// <typeparam name="TMarks">What queries of its kind look at.</typeparam>
internal interface IRecord<TMarks>
    where TMarks : struct
{
    /// <summary>What the index keeps of it; without its place, which it does not have yet.</summary>
    RecordEntry<TMarks> Entry { get; }

    /// <summary>Room that it takes in memory and on disk, about.</summary>
    long Bytes { get; }

    /// <summary>The record as the log keeps it.</summary>
    ReadOnlyMemory<byte> Write();
}

/// <summary>128 bits that say which record it is: the same for the same one however often it comes.</summary>
internal readonly record struct RecordKey(ulong High, ulong Low)
{
    /// <summary>Reads an id of 32 hexadecimal digits.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static RecordKey Of(string id) => new(
        ulong.Parse(id.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
        ulong.Parse(id.AsSpan(16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
}

/// <summary>What the index keeps of a record: 32 bytes and its marks.</summary>
/// <param name="Key">Which record it is.</param>
/// <param name="TimeTicks">When it happened, as far as its node's clock can be believed, UTC, ticks of 100 ns.</param>
/// <param name="Marks">What queries look at.</param>
/// <param name="Sequence">Its place in the log.</param>
internal readonly record struct RecordEntry<TMarks>(RecordKey Key, long TimeTicks, TMarks Marks, ulong Sequence = 0)
    where TMarks : struct;

/// <summary>A query in the terms of the entries.</summary>
internal interface ISought<TMarks>
    where TMarks : struct
{
    /// <summary>The earliest time, inclusive.</summary>
    long SinceTicks { get; }

    /// <summary>The latest time, inclusive.</summary>
    long UntilTicks { get; }

    /// <summary>Whether a record with these marks may be what is asked for; false is certain.</summary>
    bool MayBe(in TMarks marks);
}

/// <summary>A place in the order of queries: newest first, and of the same time the one that arrived last first.</summary>
/// <param name="TimeTicks">Time of the record, UTC, ticks of 100 ns.</param>
/// <param name="Sequence">Its place in the log.</param>
internal readonly record struct RecordCursor(long TimeTicks, ulong Sequence) : IComparable<RecordCursor>
{
    /// <summary>Reads what <see cref="Write"/> wrote; null for what is nothing of the kind.</summary>
    public static RecordCursor? Read(string text)
    {
        var border = text.IndexOf('-', StringComparison.Ordinal);
        return border > 0
            && long.TryParse(text.AsSpan(0, border), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
            && ulong.TryParse(text.AsSpan(border + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)
            ? new RecordCursor(ticks, sequence) : null;
    }

    /// <summary>The place as a text for requests and links.</summary>
    public string Write() => string.Create(CultureInfo.InvariantCulture, $"{TimeTicks}-{Sequence}");

    /// <inheritdoc/>
    public int CompareTo(RecordCursor other)
    {
        var byTime = TimeTicks.CompareTo(other.TimeTicks);
        return byTime != 0 ? byTime : Sequence.CompareTo(other.Sequence);
    }
}
