using System.Diagnostics.Metrics;

namespace Monitoring.Elasticsearch.Delivery;

/// <summary>The <c>gpu_sink_*</c> metrics of deliveries, with <c>sink="elasticsearch"</c> and the stream. All but the last success exist at 0 from the start.</summary>
public sealed class SinkInstruments
{
    private const string Sink = "elasticsearch";

    /// <summary>Creates the instruments on <paramref name="meter"/>.</summary>
    /// <param name="meter">The meter of the process's own page.</param>
    /// <param name="tallies">The tallies, asked for at each reading.</param>
    public SinkInstruments(Meter meter, Func<IEnumerable<StreamTally>> tallies)
    {
        ArgumentNullException.ThrowIfNull(meter);
        meter.CreateObservableGauge("gpu.sink.queue_length", () => Each(tallies, static tally => tally.Waiting), null, "Documents that wait to be stored.");
        meter.CreateObservableCounter("gpu.sink.sent", () => Each(tallies, static tally => tally.Sent), "{document}", "Documents that were stored.");
        meter.CreateObservableCounter("gpu.sink.duplicates", () => Each(tallies, static tally => tally.Duplicates), "{document}", "Documents that were stored already, by an attempt whose answer was lost.");
        meter.CreateObservableCounter("gpu.sink.retried", () => Each(tallies, static tally => tally.Retried), "{document}", "Documents that were sent once more.");
        meter.CreateObservableCounter("gpu.sink.requests", () => Each(tallies, static tally => tally.Requests), "{request}", "Requests that were sent.");
        meter.CreateObservableCounter("gpu.sink.failures", () => ByReason(tallies, static tally => tally.Failures), "{request}", "Requests that failed as a whole, by reason.");
        meter.CreateObservableCounter("gpu.sink.events_dropped", () => ByReason(tallies, static tally => tally.Dropped), "{document}", "Documents that are lost, by reason.");
        meter.CreateObservableCounter("gpu.sink.dead_letters", () => Each(tallies, static tally => tally.DeadLetters), "{document}", "Documents that the server refused for good and that lie in the file of dead letters.");
        meter.CreateObservableCounter("gpu.sink.failure_store", () => Each(tallies, static tally => tally.FailureStore), "{document}", "Documents that the server refused and keeps in its own failure store.");
        meter.CreateObservableGauge("gpu.sink.batch_limit", () => Each(tallies, static tally => tally.BatchBytesLimit), "By", "Bytes that a request may have now; less than configured while the server is busy.");
        meter.CreateObservableGauge("gpu.sink.last_success_timestamp", () => Successes(tallies()), "s", "When the server last took a request, in seconds since 1970.");
    }

    private static IEnumerable<Measurement<long>> Each(Func<IEnumerable<StreamTally>> tallies, Func<StreamTally, long> read)
    {
        foreach (var tally in tallies()) yield return new Measurement<long>(read(tally), Labels(tally));
    }

    private static IEnumerable<Measurement<long>> ByReason(Func<IEnumerable<StreamTally>> tallies, Func<StreamTally, IReadOnlyDictionary<string, long>> read)
    {
        foreach (var tally in tallies())
            foreach (var (reason, count) in read(tally))
                yield return new Measurement<long>(count, [.. Labels(tally), new KeyValuePair<string, object?>("reason", reason)]);
    }

    private static IEnumerable<Measurement<double>> Successes(IEnumerable<StreamTally> tallies)
    {
        foreach (var tally in tallies)
            if (tally.LastSuccess is { } at) yield return new Measurement<double>(at.ToUnixTimeMilliseconds() / 1000.0, Labels(tally));
    }

    private static KeyValuePair<string, object?>[] Labels(StreamTally tally) => [new("sink", Sink), new("stream", tally.Stream)];
}
