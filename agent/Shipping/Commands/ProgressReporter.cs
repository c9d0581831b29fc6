using System.Net.Http.Headers;
using System.Text.Json;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Shipping.Commands;

/// <summary>
/// Tells the collector where captures stand. Of each only the newest word counts, so a slow link carries less and not later; what came
/// to another stage is told until the collector has it, the steps within one twice a second at most and only if they arrive.
/// </summary>
/// <param name="known">What is known when it begins; the collector may have missed the end of it.</param>
/// <param name="told">Of which it has not missed the end.</param>
internal sealed partial class ProgressReporter(CollectorSettings settings, Func<IReadOnlyList<CaptureProgress>> known, ToldCaptures told, TimeProvider time, ILogger<ProgressReporter> logger, HttpMessageHandler? handler = null)
    : BackgroundService, ICaptureListener
{
    internal const string Path = "/v1/captures/progress";

    private const string Sink = "progress";

    // The node takes one capture at a time and keeps some hundred in its book.
    private const int CapturesAtMost = 1000;
    private const int LinesAtMost = 200;
    private const int AnswerBytesAtMost = 64 << 10;

    private static readonly TimeSpan StepPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new(); // guards what follows
    private readonly Dictionary<string, Word> words = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim waking = new(0, 1);
    private long order;
    private long sent;
    private long dropped;
    private long failed;
    private bool isFailing;

    /// <summary>Registers what is known of the pipe.</summary>
    internal void Register(NodeReadings readings)
    {
        if (settings.Endpoint is null) return;
        readings.Add(MetricTable.SinkSent, () => [new NodeReading(Interlocked.Read(ref sent), Sink)]);
        readings.Add(MetricTable.SinkFailures, () => [new NodeReading(Interlocked.Read(ref failed), Sink, "unreachable"), new NodeReading(Interlocked.Read(ref dropped), Sink, "overflow")]);
    }

    /// <inheritdoc/>
    public void Progressed(CaptureProgress progress, bool isStageNew)
    {
        if (settings.Endpoint is null) return;
        lock (gate)
        {
            if (words.TryGetValue(progress.Id, out var word))
            {
                // Told again on purpose, such as for a command that came twice: the same number may be said once more.
                if (progress.Sequence < word.Progress.Sequence) return;
                word.Progress = progress;
            }
            else
            {
                if (words.Count >= CapturesAtMost) DropOldest();
                words[progress.Id] = word = new Word(progress, ++order);
            }

            word.IsDue = true;
            word.MustArrive |= isStageNew;
            word.Version++;
        }

        Wake();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    /// <summary>Tells until it is told to stop.</summary>
    internal async Task RunAsync(CancellationToken stoppingToken)
    {
        if (settings.Endpoint is not { } endpoint) return;
        using var client = new HttpClient(handler ?? new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2), AllowAutoRedirect = false }, disposeHandler: handler is null)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = AnswerBytesAtMost,
        };
        foreach (var progress in known())
            if (!told.Has(progress)) Progressed(progress, isStageNew: true);
        var url = CollectorAddress.Of(endpoint, Path);
        for (var attempt = 0; !stoppingToken.IsCancellationRequested;)
        {
            try
            {
                await waking.WaitAsync(stoppingToken).ConfigureAwait(false);
                while (Due() is { Count: > 0 } batch)
                {
                    if (await PostAsync(client, url, batch, stoppingToken).ConfigureAwait(false))
                    {
                        attempt = 0;
                        continue;
                    }

                    var pause = LeastPause * Math.Min(1 << Math.Min(attempt++, 5), LongestPause / LeastPause);
                    await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), time, stoppingToken).ConfigureAwait(false);
                }
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

    private void Wake()
    {
        try
        {
            if (waking.CurrentCount == 0) waking.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another thread was first, which is the same.
        }
    }

    /// <summary>The words that may be told now, each with the version that it has; asks to be woken for those that may be told soon.</summary>
    private List<(Word Word, CaptureProgress Progress, long Version)> Due()
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            var waiting = words.Values.Where(static word => word.IsDue).OrderBy(static word => word.Order).ToArray();
            var due = waiting.Where(word => word.MustArrive || word.SentAt is not { } at || time.GetElapsedTime(at, now) >= StepPause).Take(LinesAtMost).ToArray();
            if (due.Length < waiting.Length) _ = WakeLaterAsync();
            return [.. due.Select(static word => (word, word.Progress, word.Version))];
        }
    }

    private async Task WakeLaterAsync()
    {
        await Task.Delay(StepPause, time, CancellationToken.None).ConfigureAwait(false);
        Wake();
    }

    private async Task<bool> PostAsync(HttpClient client, Uri url, List<(Word Word, CaptureProgress Progress, long Version)> batch, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(settings.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var why = "no answer in time";
        try
        {
            using var content = new ByteArrayContent(Body(batch.Select(static one => one.Progress)));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
            using var response = await client.PostAsync(url, content, either.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                Settle(batch, isTaken: true);
                return true;
            }

            why = $"it answered {(int)response.StatusCode} {response.ReasonPhrase}";
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Said below.
        }
        catch (HttpRequestException fault)
        {
            why = fault.Message;
        }

        Interlocked.Increment(ref failed);
        if (!isFailing) LogFailing(url, why);
        isFailing = true;
        Settle(batch, isTaken: false);
        return false;
    }

    private void Settle(List<(Word Word, CaptureProgress Progress, long Version)> batch, bool isTaken)
    {
        if (isTaken)
        {
            Interlocked.Add(ref sent, batch.Count);
            isFailing = false;
            told.Add(batch.Select(static one => one.Progress));
        }

        lock (gate)
        {
            var now = time.GetTimestamp();
            foreach (var (word, progress, version) in batch)
            {
                word.SentAt = now;
                // Something newer was said meanwhile.
                if (word.Version != version) continue;
                // A step within a stage is not worth telling later.
                word.IsDue = !isTaken && word.MustArrive;
                if (!word.IsDue) word.MustArrive = false;
                if (!word.IsDue && progress.IsOver) words.Remove(progress.Id);
            }
        }
    }

    private void DropOldest()
    {
        var oldest = words.Values.OrderBy(static word => word.MustArrive).ThenBy(static word => word.Order).First();
        words.Remove(oldest.Progress.Id);
        Interlocked.Increment(ref dropped);
    }

    private static byte[] Body(IEnumerable<CaptureProgress> batch)
    {
        using var body = new MemoryStream();
        foreach (var progress in batch)
        {
            body.Write(JsonSerializer.SerializeToUtf8Bytes(progress, CaptureJson.Default.CaptureProgress));
            body.WriteByte((byte)'\n');
        }

        return body.ToArray();
    }

    [LoggerMessage(EventId = 3127, Level = LogLevel.Warning, Message = "Where captures stand cannot be told to {Url}: {Reason}. Their stages are told as soon as it can.")]
    private partial void LogFailing(Uri url, string reason);

    [LoggerMessage(EventId = 3128, Level = LogLevel.Error, Message = "Telling where captures stand ended in a fault of the agent; trying again in half a minute.")]
    private partial void LogFault(Exception fault);

    /// <summary>The newest word about a capture.</summary>
    private sealed class Word(CaptureProgress progress, long order)
    {
        internal CaptureProgress Progress { get; set; } = progress;

        internal long Order => order;

        internal long Version { get; set; }

        internal bool IsDue { get; set; }

        internal bool MustArrive { get; set; }

        internal long? SentAt { get; set; }
    }
}
