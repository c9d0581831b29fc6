using System.Globalization;
using System.Reflection;
using System.Text;
using System.Threading.Channels;
using Monitoring.Elasticsearch.Delivery;
using Monitoring.Elasticsearch.Logs;
using Serilog.Core;
using Serilog.Debugging;
using Serilog.Events;

namespace Serilog.Sinks.Elasticsearch;

/// <summary>
/// Makes a document of each event, lets it wait on disk or in memory, and has it delivered once. Whoever logs waits for neither disk nor
/// server: where nothing has room the event is dropped and counted. What goes wrong here is said to SelfLog, never to the logger.
/// </summary>
internal sealed class ElasticsearchSink : ILogEventSink, IDisposable, IAsyncDisposable
{
    // Documents between the one who logs and the disk; a disk that takes no more than this behind a burst is in trouble.
    private const int MostQueuedForDisk = 10_000;
    private const long MostQueuedBytes = 8 << 20;

    // Documents of a spool that is in memory alone, all together.
    private const long MostMemoryBytes = 8 << 20;

    // What is under way at once; logs come in small lines.
    private const int WindowDocuments = 2000;
    private const long WindowBytes = 2 << 20;
    private const int MostRequestBytes = 1 << 20;
    private const string StreamName = "logs";

    private static readonly TimeSpan FlushLook = TimeSpan.FromMilliseconds(20);

    private readonly ElasticsearchSinkOptions options;
    private readonly EcsLogFormatter ecs;
    private readonly LogSpool spool;
    private readonly ElasticsearchDelivery delivery;
    private readonly Channel<Waiting> queue;
    private readonly Task draining;
    private long queuedBytes;
    private int isDisposed;

    /// <summary>A sink with a connection, a spool and a thread's worth of work of its own.</summary>
    /// <exception cref="ArgumentException">An option is wrong: which, its value and what is expected.</exception>
    internal ElasticsearchSink(ElasticsearchSinkOptions options)
    {
        this.options = options;
        var time = options.TimeProvider;
        CheckFormat(options.IndexFormat);
        ecs = options.CustomFormatter as EcsLogFormatter ?? new EcsLogFormatter(OriginOfProcess(time));
        var connection = ecs.Connection;
        (connection.Urls, connection.MaxBatchDocuments, connection.MaxBatchAge, connection.RequestTimeout) = ([.. options.Nodes], options.BatchPostingLimit, options.Period, options.ConnectionTimeout);
        connection.MaxBatchBytes = Math.Min(connection.MaxBatchBytes, MostRequestBytes);
        spool = LogSpool.Open(options, StreamName, MostMemoryBytes);
        queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(Math.Clamp(options.QueueSizeLimit, 1, MostQueuedForDisk)) { SingleReader = true });
        try
        {
            delivery = new ElasticsearchDelivery(connection, new DeliveryOptions
            {
                DeadLetterDirectory = ecs.DeadLetterDirectory ?? spool.DeadLetterDirectory, Handler = options.Handler,
                WindowDocuments = WindowDocuments, WindowBytes = WindowBytes, RequestsAtOnce = 1, DeadLetterBytes = MostMemoryBytes,
            }, [spool], time, new SelfLogLogger<ElasticsearchDelivery>());
        }
        catch
        {
            spool.Dispose();
            throw;
        }

        ecs.Tally = delivery.Tallies[0];
        draining = Task.Run(DrainAsync);
    }

    /// <inheritdoc/>
    public void Emit(LogEvent logEvent)
    {
        try
        {
            var utc = logEvent.Timestamp.ToUniversalTime();
            var index = options.IndexDecider?.Invoke(logEvent, utc) ?? string.Format(CultureInfo.InvariantCulture, options.IndexFormat, utc).ToLowerInvariant();
            var json = Write(logEvent, out var id);
            if (json.Length > options.SingleEventSizePostingLimit) Drop(logEvent, LogSpool.TooLarge, $"it has {json.Length} bytes, {options.SingleEventSizePostingLimit} are allowed");
            else if (Interlocked.Add(ref queuedBytes, json.Length) > MostQueuedBytes || !queue.Writer.TryWrite(new Waiting(index, id, json)))
            {
                Interlocked.Add(ref queuedBytes, -json.Length);
                Drop(logEvent, LogSpool.QueueFull, "the queue to the disk is full");
            }
        }
#pragma warning disable CA1031 // Whoever logs is never to hear of it; an event that cannot be written is counted.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Drop(logEvent, LogSpool.Unformatted, fault.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Ends within <see cref="ElasticsearchSinkOptions.FlushTimeout"/>; what was not sent by then stays in the spool, where it is on disk.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref isDisposed, 1) != 0) return;
        queue.Writer.TryComplete();
        try
        {
            using var deadline = new CancellationTokenSource(options.FlushTimeout, options.TimeProvider);
            await draining.WaitAsync(deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (spool.Waiting > 0 && !deadline.IsCancellationRequested)
                await Task.Delay(FlushLook, options.TimeProvider, deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await delivery.StopAsync(deadline.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The end of the host is not to fail for its log.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            SelfLog.WriteLine("The Elasticsearch sink did not end well: {0}", fault);
        }

        await delivery.DisposeAsync().ConfigureAwait(false);
        spool.Dispose();
    }

    private static void CheckFormat(string format)
    {
        try
        {
            _ = string.Format(CultureInfo.InvariantCulture, format, DateTimeOffset.UnixEpoch);
        }
        catch (FormatException fault)
        {
            throw new ArgumentException($"IndexFormat is '{format}', expected a name with {{0:yyyy.MM.dd}} for the day", fault);
        }
    }

    private static LogOrigin OriginOfProcess(TimeProvider time)
    {
        var program = Assembly.GetEntryAssembly()?.GetName();
        return new LogOrigin("app", program?.Name ?? "", program?.Version?.ToString() ?? "", Environment.MachineName, "", LogOrigin.LifeOf(Environment.MachineName, Environment.ProcessId, time.GetUtcNow()));
    }

    /// <summary>Takes documents from the queue to the spool until there are no more to come.</summary>
    private async Task DrainAsync()
    {
        try
        {
            await delivery.StartAsync(CancellationToken.None).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Then events wait, and are dropped and counted when there is no more room.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            SelfLog.WriteLine("The Elasticsearch sink cannot send: {0}", fault);
        }

        await foreach (var one in queue.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            Interlocked.Add(ref queuedBytes, -one.Json.Length);
            if (spool.Append(one.Index, one.Id, one.Json) is { } why && options.EmitEventFailure.HasFlag(EmitEventFailureHandling.WriteToSelfLog))
                SelfLog.WriteLine("An event could not be kept for Elasticsearch: {0}", why);
        }
    }

    private byte[] Write(LogEvent logEvent, out string id)
    {
        if (options.CustomFormatter is null or EcsLogFormatter) return ecs.Write(logEvent, out id);
        id = ecs.NextId();
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        options.CustomFormatter.Format(logEvent, text);
        // A document is one line of a request; JSON has no line feed but between its tokens.
        return Encoding.UTF8.GetBytes(text.ToString().ReplaceLineEndings(" ").Trim());
    }

    private void Drop(LogEvent logEvent, string reason, string words)
    {
        spool.Drop(reason);
        try
        {
            if (options.EmitEventFailure.HasFlag(EmitEventFailureHandling.WriteToSelfLog)) SelfLog.WriteLine("An event was dropped on its way to Elasticsearch: {0}", words);
            if (options.EmitEventFailure.HasFlag(EmitEventFailureHandling.WriteToFailureSink)) options.FailureSink?.Emit(logEvent);
        }
#pragma warning disable CA1031 // What others do with it is not to fail the one who logs.
        catch (Exception other)
#pragma warning restore CA1031
        {
            SelfLog.WriteLine("Whoever was to get a dropped event failed: {0}", other);
        }
    }

    private readonly record struct Waiting(string Index, string Id, byte[] Json);
}
