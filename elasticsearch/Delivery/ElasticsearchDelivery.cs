using Microsoft.Extensions.Logging;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.DeadLetters;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Elasticsearch.Delivery;

/// <summary>
/// Delivers the documents of several sources over one connection, each document once: stored, or among the dead letters. It never throws
/// into its host, holds a bounded number of documents in memory, and what is not settled stays in its source.
/// </summary>
public sealed partial class ElasticsearchDelivery : IAsyncDisposable
{
    /// <summary>What requests under way get at the end; those that take longer are sent again after the start, which their ids make harmless.</summary>
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(2);

    private readonly DeliveryOptions options;
    private readonly RetryPauses pauses;
    private readonly DocumentPump[] pumps;
    private readonly TimeProvider time;
    private readonly ILogger<ElasticsearchDelivery> logger;
    private readonly CancellationTokenSource stopping = new();
    private readonly CancellationTokenSource aborting = new();
    private readonly Lock gate = new(); // guards the task
    private Task? running;
    private bool isDisposed;

    /// <summary>Makes a delivery; nothing is sent before it starts.</summary>
    /// <param name="connection">How the servers are reached.</param>
    /// <param name="options">How the delivery keeps its house.</param>
    /// <param name="sources">The streams, with different names of letters, digits, <c>-</c> and <c>_</c>; they stay their owner's, who disposes them after this.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears what goes wrong, once.</param>
    /// <exception cref="ArgumentException">A setting is wrong: which, its value and what is expected.</exception>
    public ElasticsearchDelivery(ElasticsearchConnectionSettings connection, DeliveryOptions options, IReadOnlyList<IDocumentSource> sources, TimeProvider time, ILogger<ElasticsearchDelivery> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(sources);
        (this.options, this.time, this.logger) = (options, time, logger);
        if (sources.FirstOrDefault(static source => !IsName(source.Name)) is { } unnamed) throw new ArgumentException($"A source is named '{unnamed.Name}', expected letters, digits, - and _, for its file of dead letters.");
        if (sources.GroupBy(static source => source.Name, StringComparer.Ordinal).FirstOrDefault(static group => group.Count() > 1) is { } twice) throw new ArgumentException($"Two sources are named '{twice.Key}'.");
        Client = new ElasticsearchClient(connection, time, logger, options.Handler, options.Random);
        pauses = new RetryPauses(connection.RetryPause, connection.RetryPauseMax, options.Random);
        Tallies = [.. sources.Select(static source => new StreamTally(source))];
        var (request, settings) = (new BulkRequest(Client, connection.Compression), PumpSettings.Of(connection, options));
        pumps = [.. sources.Select((source, at) => new DocumentPump(
            source, request, new DeadLetterFile(options.DeadLetterDirectory, source.Name, options.DeadLetterBytes), Tallies[at], settings, pauses, time, logger))];
    }

    /// <summary>The connection, for other requests to the same cluster.</summary>
    public ElasticsearchClient Client { get; }

    /// <summary>What became of the documents, one for each source, in their order.</summary>
    public IReadOnlyList<StreamTally> Tallies { get; }

    /// <summary>Documents that are held in memory now.</summary>
    public int Unsettled => pumps.Sum(static pump => pump.Unsettled);

    /// <summary>Begins to send, on threads of its own; returns at once.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lock (gate) running ??= Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Ends within the deadline: requests under way get a short while, and what is not settled stays in its source.</summary>
    /// <param name="cancellationToken">The deadline; requests under way are given up then at once.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task? task;
        lock (gate) task = running ??= Task.CompletedTask; // one that was never started stays so
        await stopping.CancelAsync().ConfigureAwait(false);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(task, Task.Delay(StopGrace, time, ended.Token)).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await aborting.CancelAsync().ConfigureAwait(false);
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (isDisposed) return;
        await StopAsync(CancellationToken.None).ConfigureAwait(false);
        isDisposed = true;
        Client.Dispose();
        stopping.Dispose();
        aborting.Dispose();
    }

    /// <summary>Prepares and sends until it is told to stop.</summary>
    internal async Task RunAsync()
    {
        if (options.Prepare is { } prepare && !await PrepareAsync(prepare).ConfigureAwait(false)) return;
        await Task.WhenAll(pumps.Select(pump => pump.RunAsync(stopping.Token, aborting.Token))).ConfigureAwait(false);
    }

    private async Task<bool> PrepareAsync(Func<ElasticsearchClient, CancellationToken, Task> prepare)
    {
        var said = "";
        for (var attempt = 0; !stopping.IsCancellationRequested; attempt++)
        {
            try
            {
                await prepare(Client, stopping.Token).ConfigureAwait(false);
                if (attempt > 0) LogPrepared();
                return true;
            }
            catch (Exception fault)
            {
                if (stopping.IsCancellationRequested) return false;
                if (fault.Message != said) LogPreparing(fault.Message);
                said = fault.Message;
            }
            await Task.Delay(pauses.After(attempt, null), time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return false;
    }

    /// <summary>Whether a source may be called so: the name is that of its file too.</summary>
    internal static bool IsName(string name) => name.Length > 0 && name.All(static character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');

    [LoggerMessage(EventId = 6030, Level = LogLevel.Warning, Message = "Elasticsearch cannot be prepared: {Reason}. Documents wait; trying again with growing pauses.")]
    private partial void LogPreparing(string reason);

    [LoggerMessage(EventId = 6031, Level = LogLevel.Information, Message = "Elasticsearch is prepared.")]
    private partial void LogPrepared();
}
