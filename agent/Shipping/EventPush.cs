using Monitoring.Agent.Journal;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Shipping;

/// <summary>
/// Sends the journal's events to the collector, in order and at once, until it has them: at least once, which its own check of ids
/// makes exactly once. What it refuses for good is set aside, so that one bad event never keeps the others.
/// </summary>
internal sealed partial class EventPush(
    CollectorSettings settings, IEventOutbox outbox, DeadLetters deadLetters, TimeProvider time, ILogger<EventPush> logger, HttpMessageHandler? handler = null) : BackgroundService
{
    private const string Sink = "events";
    private const int EventsAtMost = 500;
    private const long BytesAtMost = 1 << 20;
    private const int AnswerBytesAtMost = 1 << 20;

    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan NoCollectorPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2); // a collector that moved is found by name again

    private readonly Lock gate = new(); // guards failures
    private readonly Dictionary<string, long> failures = new() { ["unreachable"] = 0, ["timeout"] = 0 };
    private long sent;
    private long retried;
    private long deadLettered;
    private long lastSuccessMilliseconds;
    private string trouble = "";

    /// <summary>Registers what is known of the pipe.</summary>
    internal void Register(NodeReadings readings)
    {
        if (settings.Endpoint is null) return;
        readings.Add(MetricTable.SinkQueueLength, () => [new NodeReading(outbox.Waiting, Sink)]);
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

    /// <summary>Sends until it is told to stop.</summary>
    internal async Task RunAsync(CancellationToken stoppingToken)
    {
        if (settings.Endpoint is not { } endpoint) return;
        using var client = new HttpClient(handler ?? new SocketsHttpHandler { PooledConnectionLifetime = ConnectionLifetime, AllowAutoRedirect = false })
        {
            Timeout = Timeout.InfiniteTimeSpan, // the request has a deadline of its own, by the clock that tests move
            MaxResponseContentBufferSize = AnswerBytesAtMost,
        };
        var request = new EventRequest(client, endpoint, settings.Timeout, time);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await outbox.WaitAsync(stoppingToken).ConfigureAwait(false);
                if (outbox.Oldest(EventsAtMost, BytesAtMost) is { Count: > 0 } batch) await DeliverAsync(request, batch.ToArray(), stoppingToken).ConfigureAwait(false);
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

    /// <summary>Sends a batch until every event of it is settled; one that is refused in halves, down to the one event that is not wanted.</summary>
    private async Task DeliverAsync(EventRequest request, ArraySegment<WaitingEvent> batch, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            if (attempt > 0) Interlocked.Increment(ref retried);
            var outcome = await request.PostAsync(batch, cancellationToken).ConfigureAwait(false);
            if (outcome is { Verdict: EventVerdict.Taken, Answer: { } answer })
            {
                Succeeded(request);
                foreach (var rejected in answer.Rejected) SetAside(batch, rejected);
                outbox.Settle(batch[^1].Sequence);
                return;
            }
            lock (gate) failures[outcome.Reason] = failures.GetValueOrDefault(outcome.Reason) + 1;
            if (outcome.Verdict == EventVerdict.Refused && batch.Count > 1)
            {
                await DeliverAsync(request, batch[..(batch.Count / 2)], cancellationToken).ConfigureAwait(false);
                await DeliverAsync(request, batch[(batch.Count / 2)..], cancellationToken).ConfigureAwait(false);
                return;
            }
            if (outcome.Verdict == EventVerdict.Refused)
            {
                if ((await request.PostAsync(ArraySegment<WaitingEvent>.Empty, cancellationToken).ConfigureAwait(false)).Verdict == EventVerdict.Taken)
                {
                    SetAside(batch[0], outcome.Words);
                    outbox.Settle(batch[0].Sequence);
                    return;
                }
                // A proxy, or a port for something else, refuses even an empty batch: that says nothing about the event.
                outcome = outcome with { Verdict = EventVerdict.NoCollector };
            }
            Say(request, outcome);
            await Task.Delay(outcome.Verdict == EventVerdict.NoCollector ? NoCollectorPause : Pause(attempt, outcome.After), time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Doubles from a second to a minute, scattered by half so that a thousand agents do not come back together.</summary>
    private static TimeSpan Pause(int attempt, TimeSpan? asked)
    {
        var pause = asked ?? LeastPause * Math.Min(1 << Math.Min(attempt, 6), LongestPause / LeastPause);
        return (pause < LeastPause ? LeastPause : pause > NoCollectorPause ? NoCollectorPause : pause) * (1 + Random.Shared.NextDouble() / 2);
    }

    private void SetAside(ArraySegment<WaitingEvent> batch, RejectedEvent rejected)
    {
        if (rejected.Line >= 1 && rejected.Line <= batch.Count) SetAside(batch[rejected.Line - 1], rejected.Reason);
        else if (rejected.Id is { Length: > 0 } id && batch.FirstOrDefault(waiting => EventJson.Read(waiting.Json.Span).Id == id) is { Sequence: > 0 } found) SetAside(found, rejected.Reason);
    }

    private void SetAside(WaitingEvent refused, string reason)
    {
        Interlocked.Increment(ref deadLettered);
        if (deadLetters.Keep(refused.Json.Span, reason) is { } why) LogDeadLetterLost(EventJson.Read(refused.Json.Span).Id, reason, why);
        else LogDeadLetter(EventJson.Read(refused.Json.Span).Id, reason, deadLetters.FilePath);
    }

    private void Succeeded(EventRequest request)
    {
        Interlocked.Increment(ref sent);
        Interlocked.Exchange(ref lastSuccessMilliseconds, time.GetUtcNow().ToUnixTimeMilliseconds());
        if (trouble.Length > 0) LogRecovered(request.Url);
        trouble = "";
    }

    private void Say(EventRequest request, EventOutcome outcome)
    {
        if (trouble.Length > 0) return;
        trouble = outcome.Reason;
        if (outcome.Verdict == EventVerdict.NoCollector) LogNoCollector(request.Url, outcome.Words, NoCollectorPause.TotalMinutes);
        else LogFailing(request.Url, outcome.Words);
    }

    [LoggerMessage(EventId = 3010, Level = LogLevel.Warning, Message = "Sending events to {Url} fails: {Reason}. They stay in the journal; trying again after a second at first, then up to a minute.")]
    private partial void LogFailing(Uri url, string reason);

    [LoggerMessage(EventId = 3011, Level = LogLevel.Information, Message = "Events reach {Url} again.")]
    private partial void LogRecovered(Uri url);

    [LoggerMessage(EventId = 3012, Level = LogLevel.Warning, Message = "{Url} takes no events: {Reason}. They stay in the journal; trying again every {Minutes} minutes. collector.endpoint must be the address of a gpu-collector for events to be collected.")]
    private partial void LogNoCollector(Uri url, string reason, double minutes);

    [LoggerMessage(EventId = 3013, Level = LogLevel.Warning, Message = "The collector refuses event {Id} for good: {Reason}. It is kept in {Path}.")]
    private partial void LogDeadLetter(string id, string reason, string path);

    [LoggerMessage(EventId = 3014, Level = LogLevel.Error, Message = "The collector refuses event {Id} for good: {Reason}. It could not be set aside: {Why}.")]
    private partial void LogDeadLetterLost(string id, string reason, string why);

    [LoggerMessage(EventId = 3015, Level = LogLevel.Error, Message = "Sending events ended in a fault of the agent; trying again in a minute.")]
    private partial void LogFault(Exception fault);
}
