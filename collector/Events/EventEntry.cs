using System.Globalization;
using Monitoring.Contracts.Events;

namespace Monitoring.Collector.Events;

/// <summary>The 128 bits of an event's id.</summary>
internal readonly record struct EventKey(ulong High, ulong Low)
{
    /// <summary>Reads an id of 32 hexadecimal digits.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static EventKey Of(string id) => new(
        ulong.Parse(id.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
        ulong.Parse(id.AsSpan(16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
}

/// <summary>
/// What the index keeps of an event: 56 bytes. Texts are there as hashes of this process; whoever finds an event by them looks at
/// the event itself before it is shown.
/// </summary>
internal readonly struct EventEntry
{
    /// <summary>Stands for no code, which no event carries; the least index stands for no GPU.</summary>
    private const int None = int.MinValue;

    private readonly int node;
    private readonly int uuid;
    private readonly int rule;
    private readonly int code;
    private readonly short cluster;
    private readonly short kind;
    private readonly short gpu;
    private readonly byte severity;

    /// <summary>The entry of an event.</summary>
    public EventEntry(EventRecord record)
    {
        Key = EventKey.Of(record.Id);
        TimeTicks = record.BelievedTime.UtcTicks;
        node = Hash(record.Node);
        uuid = Hash(record.Gpu?.Uuid ?? "");
        rule = Hash(record.Rule ?? "");
        code = record.Code ?? None;
        cluster = (short)Hash(record.Cluster);
        kind = (short)Hash(record.Kind);
        gpu = (short)(record.Gpu?.Index ?? short.MinValue);
        severity = (byte)record.Severity;
    }

    private EventEntry(EventEntry other, long sequence)
    {
        this = other;
        Sequence = sequence;
    }

    /// <summary>Its id.</summary>
    public EventKey Key { get; }

    /// <summary>Its place in the log.</summary>
    public long Sequence { get; }

    /// <summary>When it happened, as far as its node's clock can be believed, UTC, ticks of 100 ns.</summary>
    public long TimeTicks { get; }

    /// <summary>The same at its place in the log.</summary>
    public EventEntry At(long sequence) => new(this, sequence);

    /// <summary>Whether the event may be what is asked for; false is certain.</summary>
    public bool MayBe(in Sought sought) =>
        TimeTicks >= sought.SinceTicks && TimeTicks <= sought.UntilTicks
        && (sought.Node is not { } wantedNode || node == wantedNode)
        && (sought.Uuid is not { } wantedUuid || uuid == wantedUuid)
        && (sought.Rule is not { } wantedRule || rule == wantedRule)
        && (sought.Code is not { } wantedCode || code == wantedCode)
        && (sought.Cluster is not { } wantedCluster || cluster == wantedCluster)
        && (sought.Kind is not { } wantedKind || kind == wantedKind)
        && (sought.Gpu is not { } wantedGpu || gpu == wantedGpu)
        && (sought.Severity is not { } wantedSeverity || severity == wantedSeverity);

    private static int Hash(string text) => text.GetHashCode(StringComparison.Ordinal);

    /// <summary>A query in the terms of the entries.</summary>
    internal readonly struct Sought(EventQuery query)
    {
        public readonly long SinceTicks = query.Since?.UtcTicks ?? long.MinValue;
        public readonly long UntilTicks = query.Until?.UtcTicks ?? long.MaxValue;
        public readonly int? Node = query.Node is { } name ? Hash(name) : null;
        public readonly int? Uuid = query.Uuid is { } name ? Hash(name) : null;
        public readonly int? Rule = query.Rule is { } name ? Hash(name) : null;
        public readonly int? Code = query.Code;
        public readonly short? Cluster = query.Cluster is { } name ? (short)Hash(name) : null;
        public readonly short? Kind = query.Kind is { } name ? (short)Hash(name) : null;
        public readonly short? Gpu = (short?)query.Gpu;
        public readonly byte? Severity = (byte?)query.Severity;
    }
}
