using Monitoring.Agent.Capture;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Shipping.Uploads;

/// <summary>
/// Brings finished bundles to the collector, one at a time and throttled, from where they stood after whatever broke off. A bundle is
/// handed back as taken only when the collector said that it has the whole capture.
/// </summary>
internal sealed partial class CaptureUploads(
    CollectorSettings settings, ICaptureOutbox outbox, UploadLedger ledger, TimeProvider time, ILogger<CaptureUploads> logger, HttpMessageHandler? handler = null) : BackgroundService
{
    private const string Sink = "captures";

    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan NoCollectorPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2); // a collector that moved is found by name again
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(500);

    private readonly Lock gate = new(); // guards failures
    private readonly Dictionary<string, long> failures = new() { ["unreachable"] = 0, ["timeout"] = 0 };
    private long sent;
    private long retried;
    private long deadLettered;
    private long lastSuccessMilliseconds;
    private string trouble = "";
    private int failuresInRow;

    /// <summary>Registers what is known of the pipe.</summary>
    internal void Register(NodeReadings readings)
    {
        if (settings.Endpoint is null) return;
        readings.Add(MetricTable.SinkQueueLength, () => [new NodeReading(outbox.Waiting().Count, Sink)]);
        readings.Add(MetricTable.SinkSent, () => [new NodeReading(Interlocked.Read(ref sent), Sink)]);
        readings.Add(MetricTable.SinkRetried, () => [new NodeReading(Interlocked.Read(ref retried), Sink)]);
        readings.Add(MetricTable.SinkDeadLetters, () => [new NodeReading(Interlocked.Read(ref deadLettered), Sink)]);
        readings.Add(MetricTable.SinkLastSuccess, () => Interlocked.Read(ref lastSuccessMilliseconds) is var at and > 0 ? [new NodeReading(at / 1000.0, Sink)] : []);
        readings.Add(MetricTable.SinkFailures, () =>
        {
            lock (gate) return [.. failures.Select(static failure => new NodeReading(failure.Value, Sink, failure.Key))];
        });
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>Uploads until it is told to stop.</summary>
    internal async Task RunAsync(CancellationToken stoppingToken)
    {
        if (settings.Endpoint is not { } endpoint) return;
        using var http = new HttpClient(handler ?? new SocketsHttpHandler { PooledConnectionLifetime = ConnectionLifetime, AllowAutoRedirect = false })
        {
            Timeout = Timeout.InfiniteTimeSpan, // each request has a deadline of its own, by the clock that tests move
        };
        var client = new TusClient(http, endpoint, settings.Timeout, settings.UploadBytesPerSecond, time);
        var throttle = new UploadThrottle(settings.UploadBytesPerSecond, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await outbox.WaitAsync(stoppingToken).ConfigureAwait(false);
                if (await RoundAsync(client, throttle, stoppingToken).ConfigureAwait(false) is { } pause) await Task.Delay(pause, time, stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
            }
            catch (Exception fault)
            {
                LogFault(fault);
                await Task.Delay(LongestPause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Goes through the bundles that wait, one that is in the way of none of the others.</summary>
    /// <returns>How long to wait; null for not at all.</returns>
    private async Task<TimeSpan?> RoundAsync(TusClient client, UploadThrottle throttle, CancellationToken cancellationToken)
    {
        var bundles = outbox.Waiting();
        ledger.KeepOnly(bundles.Select(static bundle => bundle.Id).ToHashSet(StringComparer.Ordinal));
        TimeSpan? pause = null;
        foreach (var bundle in bundles)
        {
            UploadOutcome outcome;
            using (var hold = outbox.Hold(bundle.Id))
            {
                if (hold is null)
                {
                    // About to be removed: it will not be offered for long.
                    pause ??= LeastPause;
                    continue;
                }
                outcome = await SendAsync(bundle, client, throttle, cancellationToken).ConfigureAwait(false);
            }
            switch (outcome.Verdict)
            {
                case UploadVerdict.CaptureDone:
                    Succeeded(client.Url);
                    outbox.Taken(bundle.Id);
                    ledger.Forget(bundle.Id);
                    continue;
                case UploadVerdict.Refused:
                    Count(outcome);
                    Interlocked.Increment(ref deadLettered);
                    LogRefused(bundle.Id, outcome.Words);
                    outbox.Refused(bundle.Id, outcome.Words);
                    ledger.Forget(bundle.Id);
                    continue;
            }
            Count(outcome);
            Say(client.Url, outcome);
            Interlocked.Increment(ref retried);
            pause = outcome.Verdict == UploadVerdict.NoCollector ? NoCollectorPause : Pause(failuresInRow++, outcome.After);
            // What keeps this one out keeps out all; a want of room may be smaller for the next.
            if (outcome.Reason is not "status_507") break;
        }
        if (pause is null) failuresInRow = 0;
        return pause;
    }

    private async Task<UploadOutcome> SendAsync(FinishedBundle bundle, TusClient client, UploadThrottle throttle, CancellationToken cancellationToken)
    {
        var told = long.MinValue;
        var upload = BundleUpload.Open(bundle, client, ledger, throttle, Told, out var error);
        if (upload is null) return new UploadOutcome(UploadVerdict.Refused, "unreadable", error);
        return await upload.SendAsync(cancellationToken).ConfigureAwait(false);

        void Told(double fraction)
        {
            // Bytes move: what went wrong before is over.
            failuresInRow = 0;
            if (told != long.MinValue && time.GetElapsedTime(told) < ProgressInterval) return;
            told = time.GetTimestamp();
            outbox.Report(bundle.Id, fraction);
        }
    }

    /// <summary>Doubles from a second to a minute, scattered by half so that a thousand agents do not come back together.</summary>
    private static TimeSpan Pause(int attempt, TimeSpan? asked)
    {
        var pause = LeastPause * Math.Min(1 << Math.Min(attempt, 6), LongestPause / LeastPause);
        if (asked > pause) pause = asked.Value;
        return (pause > NoCollectorPause ? NoCollectorPause : pause) * (1 + Random.Shared.NextDouble() / 2);
    }

    private void Count(UploadOutcome outcome)
    {
        lock (gate) failures[outcome.Reason] = failures.GetValueOrDefault(outcome.Reason) + 1;
    }

    private void Succeeded(Uri url)
    {
        Interlocked.Increment(ref sent);
        Interlocked.Exchange(ref lastSuccessMilliseconds, time.GetUtcNow().ToUnixTimeMilliseconds());
        failuresInRow = 0;
        if (trouble.Length > 0) LogRecovered(url);
        trouble = "";
    }

    private void Say(Uri url, UploadOutcome outcome)
    {
        if (trouble == outcome.Reason) return;
        trouble = outcome.Reason;
        if (outcome.Verdict == UploadVerdict.NoCollector) LogNoCollector(url, outcome.Words, NoCollectorPause.TotalMinutes);
        else LogFailing(url, outcome.Words);
    }

    [LoggerMessage(EventId = 3100, Level = LogLevel.Warning, Message = "Uploading captures to {Url} fails: {Reason}. They stay on this node; trying again after a second at first, then up to a minute.")]
    private partial void LogFailing(Uri url, string reason);

    [LoggerMessage(EventId = 3101, Level = LogLevel.Information, Message = "Captures reach {Url} again.")]
    private partial void LogRecovered(Uri url);

    [LoggerMessage(EventId = 3102, Level = LogLevel.Warning, Message = "{Url} takes no captures: {Reason}. They stay on this node; trying again every {Minutes} minutes. collector.endpoint must be the address of a gpu-collector for captures to be collected.")]
    private partial void LogNoCollector(Uri url, string reason, double minutes);

    [LoggerMessage(EventId = 3103, Level = LogLevel.Error, Message = "The collector does not take capture {Id}: {Reason}. It stays on this node.")]
    private partial void LogRefused(string id, string reason);

    [LoggerMessage(EventId = 3104, Level = LogLevel.Error, Message = "Uploading captures ended in a fault of the agent; trying again in a minute.")]
    private partial void LogFault(Exception fault);
}
