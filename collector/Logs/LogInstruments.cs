using System.Diagnostics.Metrics;

namespace Monitoring.Collector.Logs;

/// <summary>What the collector's own page says of log lines; all counters exist at 0 from the start.</summary>
internal sealed class LogInstruments
{
    /// <summary>Creates the instruments on <paramref name="meter"/>.</summary>
    public LogInstruments(Meter meter, LogStore store)
    {
        var tally = store.Tally;
        meter.CreateObservableCounter("gpu.collector.log_lines", () => tally.Accepted, "{line}", "Log lines of agents and of the collector itself that were taken and kept, each once.");
        meter.CreateObservableCounter("gpu.collector.log_line_duplicates", () => tally.Duplicates, "{line}", "Log lines that came again after they had been kept.");
        meter.CreateObservableCounter("gpu.collector.log_lines_lost", () => Lost(tally), "{line}", "Log lines that were refused (size, malformed, target), lost on the collector's own way (queue, store), or are not kept any more (expired).");
        meter.CreateObservableCounter("gpu.collector.log_store_failures", () => tally.StoreFailures, "{failure}", "Times that log lines could not be written, such as on a full disk; their senders keep them.");
        meter.CreateObservableGauge("gpu.collector.log_lines_stored", () => store.Count, "{line}", "Log lines that are kept.");
        meter.CreateObservableGauge("gpu.collector.log_store", () => store.SizeBytes, "By", "Room that the kept log lines take, on disk or, without a state directory, in memory.");
    }

    private static IEnumerable<Measurement<long>> Lost(LogTally tally)
    {
        foreach (var reason in Enum.GetValues<LogLoss>())
            yield return new Measurement<long>(tally.Lost(reason), new KeyValuePair<string, object?>("reason", reason.ToString().ToLowerInvariant()));
    }
}
