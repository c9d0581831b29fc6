using Monitoring.Agent.Sampling;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;

namespace Monitoring.Agent.Shipping;

/// <summary>
/// Pushes every metric over OTLP/HTTP at an interval. Only the newest values count, so a push that fails is not repeated: the next one
/// carries everything.
/// </summary>
internal sealed partial class MetricPush(CollectorSettings settings, TimeProvider time, ILogger<MetricPush> logger)
{
    private const string Sink = "otlp";
    private const string MetricsPath = "/v1/metrics"; // OTLP specification, "OTLP/HTTP Request"

    // A collector that moved is found by name again within this time.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, long> failures = new() { ["unreachable"] = 0, ["timeout"] = 0 }; // from the first scrape on
    private readonly Lock failuresLock = new();
    private long sent;
    private long lastSuccessMilliseconds;
    private bool failing;

    /// <summary>Adds the exporter, where a receiver is configured.</summary>
    internal void AddTo(MeterProviderBuilder builder)
    {
        if (settings.Endpoint is not { } endpoint) return;
        builder.AddOtlpExporter((exporter, reader) =>
        {
            exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
            exporter.Endpoint = MetricsUrl(endpoint);
            exporter.Compression = OtlpExportCompression.GZip;
            exporter.TimeoutMilliseconds = (int)settings.PushTimeout.TotalMilliseconds;
            exporter.HttpClientFactory = () => new HttpClient(new Counting(this, new SocketsHttpHandler { PooledConnectionLifetime = ConnectionLifetime })) { Timeout = settings.PushTimeout };
            reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)settings.PushInterval.TotalMilliseconds;
            reader.PeriodicExportingMetricReaderOptions.ExportTimeoutMilliseconds = (int)settings.PushTimeout.TotalMilliseconds;
        });
    }

    /// <summary>Where metrics of a receiver go: its address, with the path of the protocol unless it says it already.</summary>
    internal static Uri MetricsUrl(Uri endpoint) =>
        endpoint.AbsolutePath.EndsWith(MetricsPath, StringComparison.Ordinal) ? endpoint : new Uri(endpoint.ToString().TrimEnd('/') + MetricsPath);

    /// <summary>Registers what is known of the pipe.</summary>
    internal void Register(NodeReadings readings)
    {
        readings.Add(MetricTable.SinkSent, () => settings.Endpoint is null ? [] : [new NodeReading(Volatile.Read(ref sent), Sink)]);
        readings.Add(MetricTable.SinkLastSuccess, () => Volatile.Read(ref lastSuccessMilliseconds) is var at and > 0 ? [new NodeReading(at / 1000.0, Sink)] : []);
        readings.Add(MetricTable.SinkFailures, () =>
        {
            lock (failuresLock) return settings.Endpoint is null ? [] : [.. failures.Select(static failure => new NodeReading(failure.Value, Sink, failure.Key))];
        });
    }

    private void Succeeded()
    {
        Volatile.Write(ref lastSuccessMilliseconds, time.GetUtcNow().ToUnixTimeMilliseconds());
        Interlocked.Increment(ref sent);
        if (Interlocked.Exchange(ref failing, false)) LogRecovered(settings.Endpoint!);
    }

    private void Failed(string reason, string words)
    {
        lock (failuresLock) failures[reason] = failures.GetValueOrDefault(reason) + 1;
        if (!Interlocked.Exchange(ref failing, true)) LogFailing(settings.Endpoint!, words, settings.PushInterval.TotalSeconds);
    }

    [LoggerMessage(EventId = 3000, Level = LogLevel.Warning, Message = "Pushing metrics to {Endpoint} fails: {Reason}. Trying again every {IntervalSeconds} s.")]
    private partial void LogFailing(Uri endpoint, string reason, double intervalSeconds);

    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "Metrics reach {Endpoint} again.")]
    private partial void LogRecovered(Uri endpoint);

    /// <summary>Counts what becomes of each request: the exporter itself tells nobody.</summary>
    private sealed class Counting(MetricPush push, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return Judged(base.Send(request, cancellationToken));
            }
            catch (Exception fault) when (Failed(fault))
            {
                throw;
            }
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return Judged(await base.SendAsync(request, cancellationToken).ConfigureAwait(false));
            }
            catch (Exception fault) when (Failed(fault))
            {
                throw;
            }
        }

        private HttpResponseMessage Judged(HttpResponseMessage response)
        {
            if (response.IsSuccessStatusCode) push.Succeeded();
            else push.Failed($"status_{(int)response.StatusCode}", $"the receiver answered {(int)response.StatusCode} {response.ReasonPhrase}");
            return response;
        }

        private bool Failed(Exception fault)
        {
            push.Failed(fault is OperationCanceledException ? "timeout" : "unreachable", fault is OperationCanceledException ? "no answer in time" : fault.Message);
            return true;
        }
    }
}
