namespace Monitoring.Collector.Search.Documents;

/// <summary>The fields that every document has.</summary>
internal static class StreamFields
{
    // Beyond it seconds are no duration but a mistake, and nanoseconds no longer a whole number of 64 bits.
    private const double LongestSeconds = 9e9;
    private const double NanosecondsPerSecond = 1e9;

    /// <summary>Writes them.</summary>
    public static void Write(DocumentBuilder document, SearchStream stream, DocumentPlaces places, DateTimeOffset time)
    {
        document.Time("@timestamp", time);
        document.Word("ecs.version", DocumentFields.SchemaVersion);
        document.Word("data_stream.type", "logs");
        document.Word("data_stream.dataset", stream.Dataset);
        document.Word("data_stream.namespace", places.Namespace);
        document.Word("event.module", "gpu");
        document.Word("event.dataset", stream.Dataset);
    }

    /// <summary>Seconds as <c>event.duration</c> counts; null for none.</summary>
    public static long? Nanoseconds(double? seconds) => seconds is >= 0 and <= LongestSeconds ? (long)Math.Round(seconds.Value * NanosecondsPerSecond) : null;
}
