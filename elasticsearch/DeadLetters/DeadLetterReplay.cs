using Microsoft.Extensions.Logging;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.Delivery;
using Monitoring.Segments;

namespace Monitoring.Elasticsearch.DeadLetters;

/// <summary>Sends dead letters once more, as after a mapping was mended. What is refused again is kept again; it may be ended at any moment.</summary>
public static class DeadLetterReplay
{
    private const string Folder = "replay";
    private const string LockFile = "replay.lock";

    /// <summary>How often it is looked whether anything goes on.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>Replays every stream's dead letters of <see cref="DeliveryOptions.DeadLetterDirectory"/>, also while a collector runs and adds to them.</summary>
    /// <param name="connection">How the servers are reached.</param>
    /// <param name="options">The options of the delivery whose dead letters they are.</param>
    /// <param name="giveUpAfter">How long nothing may be settled before the replay ends and leaves the rest.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears what goes wrong.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="IOException">Another replay is under way, or the directory cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be read or written.</exception>
    /// <exception cref="ArgumentException">A setting is wrong.</exception>
    public static async Task<ReplayResult> RunAsync(
        ElasticsearchConnectionSettings connection, DeliveryOptions options, TimeSpan giveUpAfter, TimeProvider time, ILogger<ElasticsearchDelivery> logger, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!Directory.Exists(options.DeadLetterDirectory)) return new ReplayResult(0, 0, 0, 0, 0);
        using var only = DirectoryTurn.Take(options.DeadLetterDirectory, LockFile, tries: 1);
        var sources = TakeOver(options.DeadLetterDirectory);
        try
        {
            var delivery = new ElasticsearchDelivery(connection, options, sources, time, logger);
            await using (delivery.ConfigureAwait(false))
            {
                await delivery.StartAsync(cancellationToken).ConfigureAwait(false);
                await WaitAsync(sources, giveUpAfter, time, cancellationToken).ConfigureAwait(false);
                await delivery.StopAsync(CancellationToken.None).ConfigureAwait(false);
            }
            foreach (var source in sources) source.Commit();
            return new ReplayResult(
                delivery.Tallies.Sum(static tally => tally.Sent), delivery.Tallies.Sum(static tally => tally.Duplicates),
                delivery.Tallies.Sum(static tally => tally.DeadLetters + tally.FailureStore), sources.Sum(static source => source.Unreadable), sources.Sum(static source => source.Waiting));
        }
        finally
        {
            foreach (var source in sources) source.Dispose();
        }
    }

    /// <summary>Takes the files out of the way of who adds to them, after those that an earlier replay left.</summary>
    private static List<DeadLetterSource> TakeOver(string directory)
    {
        var folder = Path.Combine(directory, Folder);
        PrivateDirectory.Create(folder);
        using (DirectoryTurn.Take(directory))
        {
            foreach (var stream in Streams(directory))
            {
                var number = DeadLetterSource.LastNumber(folder, stream);
                foreach (var (path, _) in NumberedFile.All(directory, stream)) DurableFile.Move(path, Path.Combine(folder, NumberedFile.Name(stream, ++number)));
                var current = Path.Combine(directory, stream + DeadLetterFile.Ending);
                TornLine.Heal(current);
                if (File.Exists(current)) DurableFile.Move(current, Path.Combine(folder, NumberedFile.Name(stream, ++number)));
            }
        }
        return [.. Streams(folder).Select(stream => new DeadLetterSource(folder, stream))];
    }

    private static SortedSet<string> Streams(string directory)
    {
        var streams = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(directory, "*" + DeadLetterFile.Ending))
            if (NumberedFile.TryRead(Path.GetFileName(path), out var stream, out _) && ElasticsearchDelivery.IsName(stream)) streams.Add(stream);
        return streams;
    }

    private static async Task WaitAsync(List<DeadLetterSource> sources, TimeSpan giveUpAfter, TimeProvider time, CancellationToken cancellationToken)
    {
        var all = Task.WhenAll(sources.Select(static source => source.Finished));
        var (left, since) = (sources.Sum(static source => source.Waiting), time.GetTimestamp());
        while (!all.IsCompleted && !cancellationToken.IsCancellationRequested && time.GetElapsedTime(since) < giveUpAfter)
        {
            await Task.WhenAny(all, Task.Delay(LookInterval, time, cancellationToken)).ConfigureAwait(false);
            if (sources.Sum(static source => source.Waiting) is var now && now != left) (left, since) = (now, time.GetTimestamp());
        }
    }
}
