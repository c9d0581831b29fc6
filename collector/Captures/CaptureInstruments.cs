using System.Diagnostics.Metrics;
using Monitoring.Collector.Captures.Uploads;

namespace Monitoring.Collector.Captures;

/// <summary>What the collector's own page says of captures. All counters exist at 0 from the start.</summary>
internal sealed class CaptureInstruments
{
    /// <summary>Creates the instruments on <paramref name="meter"/>.</summary>
    public CaptureInstruments(Meter meter, CaptureCatalogue catalogue, ICaptureFiles files, UploadStore uploads, UploadWriter writer, CaptureIntake intake, CaptureTally tally)
    {
        meter.CreateObservableGauge("gpu.collector.captures_stored", () => catalogue.Totals.Count, "{capture}", "Captures that are kept.");
        meter.CreateObservableGauge("gpu.collector.capture_store", () => catalogue.Totals.Bytes, "By", "Size of the captures that are kept.");
        meter.CreateObservableGauge("gpu.collector.captures_pinned", () => catalogue.Totals.Pinned, "{capture}", "Captures that retention may not remove.");
        meter.CreateObservableGauge("gpu.collector.captures_waiting", () => files.Waiting.Count, "{capture}", "Captures that are safe on the collector's disk and on their way to the bucket.");
        meter.CreateObservableCounter("gpu.collector.captures", () => intake.Completed, "{capture}", "Captures that came whole, each once.");
        meter.CreateObservableCounter("gpu.collector.capture_files_repeated", () => intake.Repeated, "{file}", "Files that were offered again after they had come.");
        meter.CreateObservableGauge("gpu.collector.uploads_open", () => uploads.Totals.Count, "{upload}", "Uploads under way.");
        meter.CreateObservableCounter("gpu.collector.upload", () => writer.ReceivedBytes, "By", "Bytes of uploads that came and were kept.");
        meter.CreateObservableCounter("gpu.collector.uploads_refused", () => Each(tally.Refused), "{request}", "Requests about uploads that were refused, by reason.");
        meter.CreateObservableCounter("gpu.collector.captures_removed", () => Each(tally.Removed), "{capture}", "Captures that were removed, by reason: a limit, or a person.");
        meter.CreateObservableCounter("gpu.collector.capture_store_failures", () => Each(tally.Failed), "{failure}", "Times that the store of captures failed, by reason.");
    }

    private static IEnumerable<Measurement<long>> Each(IEnumerable<KeyValuePair<string, long>> counts)
    {
        foreach (var (reason, count) in counts) yield return new Measurement<long>(count, new KeyValuePair<string, object?>("reason", reason));
    }
}
