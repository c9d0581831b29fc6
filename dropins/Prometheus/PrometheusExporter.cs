using System.Text;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Exporter.Prometheus.Scraping;
using OpenTelemetry.Exporter.Prometheus.Writing;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace OpenTelemetry.Exporter.Prometheus;

/// <summary>Turns the SDK's metrics into pages when a scrape asks for them.</summary>
[ExportModes(ExportModes.Pull)]
internal sealed partial class PrometheusExporter : BaseExporter<Metric>, IPullMetricExporter
{
    private readonly PrometheusAspNetCoreOptions _options;
    private readonly ConflictLog _conflicts;
    private readonly FamilyCatalogue _catalogue;
    private readonly PageWriter _writer;
    private readonly byte[]?[] _preambles = new byte[]?[ExpositionFormats.Count];
    private int _expectedPageBytes;
    private Exception? _failure;

    internal PrometheusExporter(PrometheusAspNetCoreOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        Logger = logger;
        _conflicts = new(() => Logger);
        _catalogue = new(options.DisableTotalNameSuffixForCounters, metric => ConstantLabels.Of(metric, Resource, options), _conflicts, new LabelCacheBudget());
        _writer = new(_conflicts);
        Scrapes = new(RunCollect, TimeSpan.FromMilliseconds(options.ScrapeResponseCacheDurationMilliseconds), time);
        ExporterDirectory.Add(this);
    }

    /// <summary>Set by the reader that owns this exporter, and to null when the provider is disposed.</summary>
    public Func<int, bool>? Collect { get; set; }

    internal ScrapeCoordinator Scrapes { get; }

    internal ConflictLog Conflicts => _conflicts;

    /// <summary>A provider that was built outside of the host has no logging of its own; the endpoint then lends the host's.</summary>
    internal ILogger Logger { get; set; }

    private Resource Resource => ParentProvider?.GetResource() ?? Resource.Empty;

    /// <summary>Called by the SDK within <see cref="Collect"/>, on the same thread; the batch is valid until it returns.</summary>
    public override ExportResult Export(in Batch<Metric> batch)
    {
        try
        {
            IReadOnlyList<Family> families = _catalogue.Arrange(batch);
            Scrapes.Render((format, collectedAt) => Write(families, format, collectedAt));
            return ExportResult.Success;
        }
        catch (Exception exception)
        {
            // The SDK would swallow it; RunCollect hands it to the scrapes that wait.
            _failure = exception;
            return ExportResult.Failure;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            ExporterDirectory.Remove(this);
            Scrapes.Dispose();
            _conflicts.Dispose();
        }
        base.Dispose(disposing);
    }

    private void RunCollect()
    {
        _failure = null;
        // The SDK cannot interrupt a callback, so a timeout here would bound nothing: scrapes stop waiting instead.
        Collect?.Invoke(Timeout.Infinite);
        if (_failure is null)
            return;
        LogFailure(Logger, _failure);
        throw _failure;
    }

    private ScrapePage Write(IReadOnlyList<Family> families, ExpositionFormat format, long collectedAt)
    {
        PageBuffer page = new(_options.MaxScrapeResponseSizeBytes, _expectedPageBytes);
        try
        {
            _writer.Write(families, Preamble(format), format, page);
        }
        catch
        {
            page.Dispose();
            throw;
        }
        // Some room, so that a page that grows a little needs no larger memory.
        _expectedPageBytes = page.Length + (page.Length / 8);
        return new(page, collectedAt);
    }

    private byte[] Preamble(ExpositionFormat format) => _preambles[(int)format] ??= _options.TargetInfoEnabled
        ? Encoding.UTF8.GetBytes(ConstantLabels.TargetInfo(Resource, format))
        : [];

    [LoggerMessage(EventId = 9005, Level = LogLevel.Error, Message = "The metrics page could not be written.")]
    private static partial void LogFailure(ILogger logger, Exception exception);
}
