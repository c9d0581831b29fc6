using Monitoring.Collector.Storage;
using Monitoring.Contracts.Events;

namespace Monitoring.Collector.Events;

/// <summary>
/// What queries look at of an event: 24 bytes. Texts are there as hashes of this process; whoever finds an event by them looks at
/// the event itself before it is shown.
/// </summary>
internal readonly struct EventMarks
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

    private EventMarks(EventRecord record)
    {
        node = Hash(record.Node);
        uuid = Hash(record.Gpu?.Uuid ?? "");
        rule = Hash(record.Rule ?? "");
        code = record.Code ?? None;
        cluster = (short)Hash(record.Cluster);
        kind = (short)Hash(record.Kind);
        gpu = (short)(record.Gpu?.Index ?? short.MinValue);
        severity = (byte)record.Severity;
    }

    /// <summary>The entry of an event.</summary>
    public static RecordEntry<EventMarks> EntryOf(EventRecord record) => new(RecordKey.Of(record.Id), record.BelievedTime.UtcTicks, new EventMarks(record));

    private static int Hash(string text) => text.GetHashCode(StringComparison.Ordinal);

    /// <summary>A query in the terms of the entries.</summary>
    internal readonly struct Sought(EventQuery query) : ISought<EventMarks>
    {
        private readonly int? node = query.Node is { } name ? Hash(name) : null;
        private readonly int? uuid = query.Uuid is { } name ? Hash(name) : null;
        private readonly int? rule = query.Rule is { } name ? Hash(name) : null;
        private readonly int? code = query.Code;
        private readonly short? cluster = query.Cluster is { } name ? (short)Hash(name) : null;
        private readonly short? kind = query.Kind is { } name ? (short)Hash(name) : null;
        private readonly short? gpu = (short?)query.Gpu;
        private readonly byte? severity = (byte?)query.Severity;

        /// <inheritdoc/>
        public long SinceTicks { get; } = query.Since?.UtcTicks ?? long.MinValue;

        /// <inheritdoc/>
        public long UntilTicks { get; } = query.Until?.UtcTicks ?? long.MaxValue;

        /// <inheritdoc/>
        public bool MayBe(in EventMarks marks) =>
            (node is not { } wantedNode || marks.node == wantedNode)
            && (uuid is not { } wantedUuid || marks.uuid == wantedUuid)
            && (rule is not { } wantedRule || marks.rule == wantedRule)
            && (code is not { } wantedCode || marks.code == wantedCode)
            && (cluster is not { } wantedCluster || marks.cluster == wantedCluster)
            && (kind is not { } wantedKind || marks.kind == wantedKind)
            && (gpu is not { } wantedGpu || marks.gpu == wantedGpu)
            && (severity is not { } wantedSeverity || marks.severity == wantedSeverity);
    }
}
