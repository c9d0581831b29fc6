using System.Text.Json;
using Monitoring.Collector.Search.Documents;
using Monitoring.Elasticsearch.Connection;

namespace Monitoring.Collector.Search.Bootstrap;

/// <summary>Looks at a server and changes nothing: what is in place, what is missing, and what helps.</summary>
internal sealed class BootstrapInspection(ElasticsearchSettings settings, DocumentPlaces places)
{
    private const int NotFound = 404;

    /// <summary>Looks.</summary>
    /// <returns>Sentences, and whether documents can be sent.</returns>
    /// <exception cref="ElasticsearchUnreachableException">No node answered.</exception>
    /// <exception cref="InvalidDataException">What answers is no such server, or refuses.</exception>
    public async Task<(bool IsGood, IReadOnlyList<string> Words)> LookAsync(ElasticsearchClient client, CancellationToken cancellationToken)
    {
        var server = await client.DetectAsync(cancellationToken).ConfigureAwait(false);
        List<string> words = [$"{server} answers{(server.IsSupported ? "" : "; it is older than what is tested: Elasticsearch 7.17, OpenSearch 1.0")}"];
        if (server.ClusterId.Length == 0) words.Add("it has not formed a cluster yet: look at its own log");
        var support = await LifecycleProbe.FindAsync(client, server, cancellationToken).ConfigureAwait(false);
        var (policies, collectorDeletes) = LifecycleProbe.Choose(settings.Lifecycle, support);
        words.Add(Deleting(support, policies, collectorDeletes));

        var missing = 0;
        foreach (var part in new ServerParts(MappingTypes.Of(server), policies, settings.Streams, places).All())
        {
            var (isThere, found) = Found(part, await client.GetAsync(part.Path, cancellationToken).ConfigureAwait(false));
            if (!isThere) missing++;
            words.Add($"{part.Path}: {found}");
        }
        if (missing > 0) words.Add(settings.Bootstrap == BootstrapMode.Install
            ? "what is missing is put in place when the collector runs with these settings"
            : "elasticsearch.bootstrap is manual: install what `gpu-collector elasticsearch templates` prints; documents wait until then");
        foreach (var stream in SearchStream.All) words.AddRange(await StrangersAsync(client, stream, cancellationToken).ConfigureAwait(false));
        return (server.ClusterId.Length > 0 && (missing == 0 || settings.Bootstrap == BootstrapMode.Install), words);
    }

    private static string Deleting(LifecycleSupport support, LifecycleSupport policies, bool collectorDeletes)
    {
        var has = support switch { LifecycleSupport.Ilm => "index lifecycle management", LifecycleSupport.Ism => "index state management", _ => "neither ILM nor ISM" };
        return (policies, collectorDeletes) switch
        {
            (LifecycleSupport.None, true) => $"it has {has}: the collector deletes indices that are over their retention",
            (LifecycleSupport.None, false) => $"it has {has}, and nobody deletes old indices (elasticsearch.lifecycle)",
            (_, true) => $"it has {has}, which deletes old indices, and the collector deletes those that are older by their names",
            _ => $"it has {has}, which deletes indices that are over their retention",
        };
    }

    private static (bool IsThere, string Words) Found(ServerPart part, ElasticsearchReply reply)
    {
        if (reply.Status == NotFound) return (false, "missing");
        if (!reply.IsSuccess) return (true, $"cannot be looked at: {reply.Describe()}");
        using var json = reply.ReadJson();
        return json is null ? (true, "cannot be read") : (true, part.InstalledMark(json.RootElement) switch
        {
            null => "in place, made by somebody else",
            { Version: > ServerPart.Version } newer => $"in place, version {newer.Version} of a newer collector",
            { Version: < ServerPart.Version } older => $"in place, version {older.Version}; this collector has {ServerPart.Version}",
            var mark => mark == part.Mark ? $"in place, version {mark.Version}" : $"in place, version {mark.Version}, made with other settings",
        });
    }

    /// <summary>Indices of a stream that were made without the templates: their fields are guesses, and searches by the stream's name do not find them.</summary>
    private async Task<List<string>> StrangersAsync(ElasticsearchClient client, SearchStream stream, CancellationToken cancellationToken)
    {
        var alias = places.Alias(stream);
        var reply = await client.GetAsync($"{places.IndexPrefix(stream)}*/_alias", cancellationToken).ConfigureAwait(false);
        using var json = reply.ReadJson();
        if (!reply.IsSuccess || json is not { RootElement.ValueKind: JsonValueKind.Object }) return [];
        return [.. json.RootElement.EnumerateObject()
            .Where(index => !(index.Value.TryGetProperty("aliases", out var aliases) && aliases.TryGetProperty(alias, out _)))
            .Select(index => $"the index {index.Name} was made without the template and is not found as {alias}: reindex it into a new one, or delete it")];
    }
}
