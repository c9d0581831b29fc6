using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace OpenTelemetry.Exporter.Prometheus.Writing;

/// <summary>
/// What could not be shown as it was recorded: counted on every page (counter <c>prometheus.exporter.conflicts</c> of the meter
/// <see cref="MeterName"/>), logged once per family.
/// </summary>
internal sealed partial class ConflictLog : IDisposable
{
    internal const string MeterName = "OpenTelemetry.Exporter.Prometheus";

    // Names come from code, so there are few; the bound only keeps a misuse from filling the memory.
    private const int MostLogged = 1000;

    private static readonly string[] Reasons = ["type", "help", "duplicate_series", "unsupported_type"];

    private readonly long[] _counts = new long[Reasons.Length];
    private readonly HashSet<(int Reason, string Family)> _logged = [];
    private readonly Meter _meter = new(MeterName);
    private readonly Func<ILogger> _logger;

    internal ConflictLog(Func<ILogger> logger)
    {
        _logger = logger;
        _meter.CreateObservableCounter("prometheus.exporter.conflicts", Observe,
            description: "Metrics and series that could not be shown on the metrics page as they were recorded.");
    }

    internal long Count(string reason) => Volatile.Read(ref _counts[Array.IndexOf(Reasons, reason)]);

    internal void Type(string family, string shown, string refused, string meter)
    {
        if (IsFirst(0, family))
            LogType(_logger(), family, shown, refused, meter);
    }

    internal void Help(string family, string shown, string refused, string meter)
    {
        if (IsFirst(1, family))
            LogHelp(_logger(), family, shown, refused, meter);
    }

    internal void DuplicateSeries(string family, string labels)
    {
        if (IsFirst(2, family))
            LogDuplicate(_logger(), family, labels);
    }

    internal void UnsupportedType(string family)
    {
        if (IsFirst(3, family))
            LogUnsupported(_logger(), family);
    }

    public void Dispose() => _meter.Dispose();

    private bool IsFirst(int reason, string family)
    {
        Interlocked.Increment(ref _counts[reason]);
        return _logged.Count < MostLogged && _logged.Add((reason, family));
    }

    private IEnumerable<Measurement<long>> Observe()
    {
        for (int i = 0; i < Reasons.Length; i++)
            yield return new(Volatile.Read(ref _counts[i]), new KeyValuePair<string, object?>("reason", Reasons[i]));
    }

    [LoggerMessage(EventId = 9001, Level = LogLevel.Warning,
        Message = "{Family} is shown as {Shown}; the {Refused} of the same name from meter {Meter} is left out. Rename one of them.")]
    private static partial void LogType(ILogger logger, string family, string shown, string refused, string meter);

    [LoggerMessage(EventId = 9002, Level = LogLevel.Warning,
        Message = "{Family} is shown with the help \"{Shown}\", not with \"{Refused}\" from meter {Meter}. Give both the same description.")]
    private static partial void LogHelp(ILogger logger, string family, string shown, string refused, string meter);

    [LoggerMessage(EventId = 9003, Level = LogLevel.Warning,
        Message = "{Family} has two series with the labels {Labels}; only the first is shown. Rename a tag or remove one instrument.")]
    private static partial void LogDuplicate(ILogger logger, string family, string labels);

    [LoggerMessage(EventId = 9004, Level = LogLevel.Warning,
        Message = "{Family} is an exponential histogram, which neither text format can carry; it is left out. Choose explicit buckets in a view.")]
    private static partial void LogUnsupported(ILogger logger, string family);
}
