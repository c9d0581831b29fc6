using Monitoring.Collector.Storage;
using Monitoring.Settings.Logs;

namespace Monitoring.Collector.Logs;

/// <summary>
/// What queries look at of a log line: 8 bytes. The node is there as a hash of this process; whoever finds a line by it looks at its
/// node's name before it is shown.
/// </summary>
internal readonly struct LogMarks(LogLine line)
{
    private readonly int node = Hash(line.Node);
    private readonly byte level = (byte)line.Level;

    private static int Hash(string name) => name.GetHashCode(StringComparison.Ordinal);

    /// <summary>A query in the terms of the entries.</summary>
    internal readonly struct Sought(LogQuery query) : ISought<LogMarks>
    {
        private readonly int? node = query.Node is { } name ? Hash(name) : null;
        private readonly LogThreshold level = query.Level ?? LogThreshold.Trace;

        /// <inheritdoc/>
        public long SinceTicks { get; } = query.Since?.UtcTicks ?? long.MinValue;

        /// <inheritdoc/>
        public long UntilTicks { get; } = query.Until?.UtcTicks ?? long.MaxValue;

        /// <inheritdoc/>
        public bool MayBe(in LogMarks marks) => marks.level >= (byte)level && (node is not { } wanted || marks.node == wanted);
    }
}
