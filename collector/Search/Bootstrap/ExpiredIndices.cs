using System.Text.Json;
using Monitoring.Collector.Search.Documents;
using Monitoring.Elasticsearch.Connection;

namespace Monitoring.Collector.Search.Bootstrap;

/// <summary>Deletes indices that are over their time, by the day in their names, where no policy of the server does.</summary>
internal sealed partial class ExpiredIndices(ElasticsearchSettings settings, DocumentPlaces places, TimeProvider time, ILogger<ExpiredIndices> logger)
{
    private const int NotFound = 404;

    /// <summary>Looks once.</summary>
    /// <returns>How many were deleted.</returns>
    /// <exception cref="BootstrapException">The server refuses.</exception>
    /// <exception cref="ElasticsearchUnreachableException">No node answered.</exception>
    public async Task<int> DeleteAsync(ElasticsearchClient client, CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var stream in SearchStream.All)
        {
            var retention = settings.Streams.Of(stream).Retention;
            foreach (var index in await ListAsync(client, stream, cancellationToken).ConfigureAwait(false))
            {
                if (places.DayOf(stream, index) is not { } day || !IsOver(stream, day, retention)) continue;
                // By its full name: what matches a pattern could be more than what was looked at.
                var reply = await client.DeleteAsync(index, cancellationToken).ConfigureAwait(false);
                if (reply.Status == NotFound) continue;
                if (!reply.IsSuccess) throw new BootstrapException($"the index {index} is over its retention and could not be deleted: {reply.Describe()}. Give the credentials the privilege delete_index for logs-gpu.*, or set elasticsearch.lifecycle to server or none");
                deleted++;
                LogDeleted(index, retention);
            }
        }
        return deleted;
    }

    private bool IsOver(SearchStream stream, DateOnly day, TimeSpan retention) =>
        time.GetUtcNow().UtcDateTime - day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc) > ServerParts.AgeAtMost(stream, retention);

    private async Task<List<string>> ListAsync(ElasticsearchClient client, SearchStream stream, CancellationToken cancellationToken)
    {
        // The least that every server answers with the names of indices, closed ones included.
        var reply = await client.GetAsync($"{places.IndexPrefix(stream)}*/_alias?expand_wildcards=open,closed", cancellationToken).ConfigureAwait(false);
        if (reply.Status == NotFound) return [];
        using var json = reply.ReadJson();
        if (!reply.IsSuccess || json is not { RootElement.ValueKind: JsonValueKind.Object }) throw new BootstrapException($"the indices of {stream.Dataset} could not be listed: {reply.Describe()}");
        return [.. json.RootElement.EnumerateObject().Select(static index => index.Name)];
    }

    [LoggerMessage(EventId = 5300, Level = LogLevel.Information, Message = "The index {Index} is over its retention of {Retention} and was deleted.")]
    private partial void LogDeleted(string index, TimeSpan retention);
}
