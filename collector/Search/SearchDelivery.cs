using Monitoring.Collector.Search.Bootstrap;
using Monitoring.Elasticsearch.Delivery;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Collector.Search;

/// <summary>
/// Fills Elasticsearch from the collector's stores. It waits until templates are in place, gives a server that has nothing yet all that
/// is kept, looks now and then whether everything is still as it should be, and never holds up anything else.
/// </summary>
internal sealed partial class SearchDelivery : BackgroundService
{
    // A server that was emptied while the collector runs is noticed after at most this; it costs some two dozen small requests.
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMinutes(1);

    // Indices grow old by days.
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromHours(1);

    private readonly ElasticsearchSettings settings;
    private readonly SearchDirectory directory;
    private readonly IReadOnlyList<IDocumentSource> sources;
    private readonly PreparedServer prepared;
    private readonly ExpiredIndices expired;
    private readonly SearchTransport transport;
    private readonly TimeProvider time;
    private readonly ILoggerFactory loggers;
    private readonly ILogger<SearchDelivery> logger;
    private ElasticsearchDelivery delivery;
    private long? swept;

    /// <summary>Makes the first delivery; nothing is sent before the start.</summary>
    public SearchDelivery(
        ElasticsearchSettings settings, SearchDirectory directory, IEnumerable<IDocumentSource> sources, PreparedServer prepared, ExpiredIndices expired, SearchTransport transport, TimeProvider time, ILoggerFactory loggers)
    {
        (this.settings, this.directory, this.sources, this.prepared, this.expired, this.transport, this.time, this.loggers) = (settings, directory, [.. sources], prepared, expired, transport, time, loggers);
        logger = loggers.CreateLogger<SearchDelivery>();
        delivery = Make();
    }

    /// <summary>What became of the documents of each stream.</summary>
    public IReadOnlyList<StreamTally> Tallies => delivery.Tallies;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await delivery.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        // StopAsync has ended it; what is left to do does not wait.
        delivery.DisposeAsync().AsTask().GetAwaiter().GetResult();
        base.Dispose();
    }

    /// <summary>Looks once whether everything is still in place, and starts anew where the server is another one than before.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (prepared.Report is null) return; // the delivery itself is at it
            if (await prepared.IsAnotherAsync(delivery.Client, cancellationToken))
            {
                LogAnotherServer();
                await delivery.StopAsync(cancellationToken);
                await delivery.DisposeAsync();
                prepared.Forget();
                delivery = Make();
                await delivery.StartAsync(cancellationToken);
                return;
            }

            await prepared.PrepareAsync(delivery.Client, sources, cancellationToken);
            await SweepAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException or BootstrapException or UnauthorizedAccessException)
        {
            prepared.Fails(fault.Message);
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await delivery.StartAsync(stoppingToken);
        using var timer = new PeriodicTimer(LookPeriod, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await GuardedLookAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    private async Task GuardedLookAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LookAsync(cancellationToken);
        }
#pragma warning disable CA1031 // One failed look must not end the loop; the log says why.
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogLookFailed(fault);
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (prepared.Report is not { CollectorDeletes: true } || (swept is { } last && time.GetElapsedTime(last) < SweepPeriod)) return;
        swept = time.GetTimestamp();
        await expired.DeleteAsync(delivery.Client, cancellationToken);
    }

    private ElasticsearchDelivery Make() => new(settings.Connection, new DeliveryOptions
    {
        DeadLetterDirectory = directory.DeadLetters,
        DeadLetterBytes = settings.DeadLetterBytes,
        Prepare = (client, cancellationToken) => prepared.PrepareAsync(client, sources, cancellationToken),
        Handler = transport.Handler,
    }, sources, time, loggers.CreateLogger<ElasticsearchDelivery>());

    [LoggerMessage(EventId = 5301, Level = LogLevel.Warning, Message = "The server is another one than before, or was emptied: it gets everything that is still kept.")]
    private partial void LogAnotherServer();

    [LoggerMessage(EventId = 5302, Level = LogLevel.Error, Message = "It could not be looked whether Elasticsearch is as it should be; the next attempt follows in a minute.")]
    private partial void LogLookFailed(Exception fault);
}

/// <summary>The network, or what stands in for it in tests.</summary>
/// <param name="Handler">Takes the requests; null for the network.</param>
internal sealed record SearchTransport(HttpMessageHandler? Handler = null);
