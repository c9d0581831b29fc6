using System.Globalization;
using System.Net;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Shipping.Commands;

/// <summary>
/// Holds a stream open on which the collector tells this node what to capture, so that the node needs no open port. A stream that is
/// silent is closed and opened anew; what was told before is not asked for again.
/// </summary>
internal sealed partial class CommandStream(
    CollectorSettings settings, string node, CommandCursor cursor, CommandDesk desk, TimeProvider time, ILogger<CommandStream> logger, HttpMessageHandler? handler = null) : BackgroundService
{
    internal const string Path = "/v1/commands";

    private const string Sink = "commands";
    private const string EventType = "command";

    // A request for a capture has some hundred bytes; the collector takes 256 KiB from a person.
    private const int EventBytesAtMost = 512 << 10;
    private const int BufferBytes = 16 << 10;

    /// <summary>The collector gives a sign of life every 15 s at the latest.</summary>
    internal static readonly TimeSpan SilenceAtMost = TimeSpan.FromSeconds(45);

    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan NoCollectorPause = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new(); // guards failures
    private readonly Dictionary<string, long> failures = new() { ["unreachable"] = 0, ["timeout"] = 0 };
    private long taken;
    private long lastSuccessMilliseconds;
    private string trouble = "";

    /// <summary>Registers what is known of the stream.</summary>
    internal void Register(NodeReadings readings)
    {
        if (settings.Endpoint is null) return;
        readings.Add(MetricTable.SinkSent, () => [new NodeReading(Interlocked.Read(ref taken), Sink)]);
        readings.Add(MetricTable.SinkLastSuccess, () => Interlocked.Read(ref lastSuccessMilliseconds) is var at and > 0 ? [new NodeReading(at / 1000.0, Sink)] : []);
        readings.Add(MetricTable.SinkFailures, () =>
        {
            lock (gate) return [.. failures.Select(static failure => new NodeReading(failure.Value, Sink, failure.Key))];
        });
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>Holds it open until it is told to stop.</summary>
    internal async Task RunAsync(CancellationToken stoppingToken)
    {
        if (settings.Endpoint is not { } endpoint) return;
        using var client = new HttpClient(handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = settings.Timeout }, disposeHandler: handler is null)
        {
            Timeout = Timeout.InfiniteTimeSpan, // the stream has no end, and the silence a limit by the clock that tests move
        };
        var url = new Uri($"{CollectorAddress.Of(endpoint, Path)}?node={Uri.EscapeDataString(node)}");
        for (var attempt = 0; !stoppingToken.IsCancellationRequested; attempt++)
        {
            var outcome = await OpenAsync(client, url, stoppingToken).ConfigureAwait(false);
            if (stoppingToken.IsCancellationRequested) return;
            if (outcome.WasHeard) attempt = 0;
            Say(url, outcome);
            await Task.Delay(Pause(attempt, outcome), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<StreamEnd> OpenAsync(HttpClient client, Uri url, CancellationToken stoppingToken)
    {
        using var silence = new CancellationTokenSource(settings.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, silence.Token);
        var events = new ServerSentEvents(EventBytesAtMost);
        var wasHeard = false;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.Accept.ParseAdd("text/event-stream");
            if (cursor.Last > 0) request.Headers.Add("Last-Event-ID", cursor.Last.ToString(CultureInfo.InvariantCulture));
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode) return Refused(response);
            if (response.Content.Headers.ContentType?.MediaType != "text/event-stream") return new StreamEnd("no_stream", "the receiver answers, but not with a stream of events", IsNoCollector: true);
            var body = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                var buffer = new byte[BufferBytes];
                silence.CancelAfter(SilenceAtMost);
                while (await body.ReadAsync(buffer, either.Token).ConfigureAwait(false) is var read and > 0)
                {
                    silence.CancelAfter(SilenceAtMost);
                    wasHeard = true;
                    Heard(url);
                    foreach (var one in events.Read(buffer.AsSpan(0, read))) Take(one);
                }
            }

            return new StreamEnd("", "", wasHeard, events.Retry);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            return new StreamEnd("timeout", wasHeard ? $"silent for {SilenceAtMost.TotalSeconds:0} s" : "no answer in time", wasHeard, events.Retry);
        }
        catch (OperationCanceledException)
        {
            return new StreamEnd("", "", wasHeard);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            return new StreamEnd("unreachable", fault.Message, wasHeard, events.Retry);
        }
    }

    private void Take(ServerSentEvent one)
    {
        if (one.Type != EventType) return;
        try
        {
            if (desk.Take(one.Data, out var sequence) is { } problem) LogNotUnderstood(problem);
            else Interlocked.Increment(ref taken);
            // Only behind what was done: a command in whose middle the agent dies is told again.
            if (sequence > 0 && cursor.Advance(sequence) is { } fault) LogCursorLost(fault);
        }
        catch (Exception fault)
        {
            // One bad command must not close the stream for the others; the collector tells it again.
            LogFault(fault);
        }
    }

    private static StreamEnd Refused(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        var isNone = response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest;
        return new StreamEnd($"status_{status}", $"the receiver answered {status} {response.ReasonPhrase}", false, response.Headers.RetryAfter?.Delta, isNone);
    }

    /// <summary>Doubles from a second to a minute, scattered by half so that a thousand agents do not come back together.</summary>
    private static TimeSpan Pause(int attempt, StreamEnd end)
    {
        if (end.IsNoCollector) return NoCollectorPause;
        var pause = LeastPause * Math.Min(1 << Math.Min(attempt, 6), LongestPause / LeastPause);
        if (end.Retry is { } asked && asked > pause) pause = asked < LongestPause ? asked : LongestPause;
        return pause * (0.5 + Random.Shared.NextDouble());
    }

    private void Heard(Uri url)
    {
        Interlocked.Exchange(ref lastSuccessMilliseconds, time.GetUtcNow().ToUnixTimeMilliseconds());
        if (trouble.Length > 0) LogRecovered(url);
        trouble = "";
    }

    private void Say(Uri url, StreamEnd end)
    {
        if (end.Reason.Length == 0) return;
        lock (gate) failures[end.Reason] = failures.GetValueOrDefault(end.Reason) + 1;
        if (trouble.Length > 0) return;
        trouble = end.Reason;
        if (end.IsNoCollector) LogNoCollector(url, end.Words, NoCollectorPause.TotalMinutes);
        else LogFailing(url, end.Words);
    }

    [LoggerMessage(EventId = 3120, Level = LogLevel.Warning, Message = "Commands do not come from {Url}: {Reason}. Captures that rules want are taken all the same; trying again after a second at first, then up to a minute.")]
    private partial void LogFailing(Uri url, string reason);

    [LoggerMessage(EventId = 3121, Level = LogLevel.Information, Message = "Commands come from {Url} again.")]
    private partial void LogRecovered(Uri url);

    [LoggerMessage(EventId = 3122, Level = LogLevel.Warning, Message = "{Url} gives no commands: {Reason}. Trying again every {Minutes} minutes. collector.endpoint must be the address of a gpu-collector for captures on demand.")]
    private partial void LogNoCollector(Uri url, string reason, double minutes);

    [LoggerMessage(EventId = 3123, Level = LogLevel.Warning, Message = "A command of the collector is not understood and passed over: {Problem}.")]
    private partial void LogNotUnderstood(string problem);

    [LoggerMessage(EventId = 3124, Level = LogLevel.Warning, Message = "How far commands were taken could not be kept: {Fault}. After a restart some are told once more, which does no harm.")]
    private partial void LogCursorLost(string fault);

    [LoggerMessage(EventId = 3125, Level = LogLevel.Error, Message = "A command ended in a fault of the agent; the collector tells it again.")]
    private partial void LogFault(Exception fault);

    /// <summary>How a stream ended.</summary>
    /// <param name="Reason">Value of the label <c>reason</c>; empty where the collector ended it in order.</param>
    /// <param name="WasHeard">True where anything came.</param>
    private sealed record StreamEnd(string Reason, string Words, bool WasHeard = false, TimeSpan? Retry = null, bool IsNoCollector = false);
}
