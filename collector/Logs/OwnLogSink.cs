using Monitoring.Elasticsearch.Logs;
using Monitoring.Settings.Logs;
using Serilog.Core;
using Serilog.Events;

namespace Monitoring.Collector.Logs;

/// <summary>
/// Keeps lines of the collector's own log among those of the nodes. It is there before the store is: what is said until then waits, a
/// little of it.
/// </summary>
internal sealed class OwnLogSink(TimeProvider time) : ILogEventSink
{
    // The start says a few dozen lines.
    private const int MostWaiting = 200;

    // What these say of a store or a sink that fails would be about the very lines that they fail on, and without end.
    private static readonly string[] Silent = ["Monitoring.Collector.Logs.", "Monitoring.Collector.Search.", "Monitoring.Elasticsearch."];

    private readonly LogOrigin origin = new("gpu.collector", "gpu-collector", typeof(OwnLogSink).Assembly.GetName().Version?.ToString(3) ?? "", Environment.MachineName, "",
        LogOrigin.LifeOf(Environment.MachineName, Environment.ProcessId, time.GetUtcNow()));

    private readonly Lock gate = new(); // guards what follows
    private readonly Queue<LogLine> waiting = [];
    private LogStore? store;
    private long number;

    /// <summary>The store is there.</summary>
    public void Attach(LogStore attached)
    {
        lock (gate)
        {
            store = attached;
            while (waiting.TryDequeue(out var line)) attached.Offer(line);
        }
    }

    /// <inheritdoc/>
    public void Emit(LogEvent logEvent)
    {
        if (logEvent.Properties.GetValueOrDefault(Constants.SourceContextPropertyName) is ScalarValue { Value: string source } && Silent.Any(prefix => source.StartsWith(prefix, StringComparison.Ordinal))) return;
        var id = origin.IdOf(Interlocked.Increment(ref number));
        var line = new LogLine(origin.IndexOf(logEvent.Timestamp), id, logEvent.Timestamp.ToUniversalTime(), origin.Node, (LogThreshold)logEvent.Level, new LogDocumentWriter(origin).Write(logEvent, id));
        lock (gate)
        {
            if (store is not null) store.Offer(line);
            else if (waiting.Count < MostWaiting) waiting.Enqueue(line);
        }
    }
}
