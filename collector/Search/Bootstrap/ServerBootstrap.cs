using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Monitoring.Collector.Search.Documents;
using Monitoring.Elasticsearch.Connection;

namespace Monitoring.Collector.Search.Bootstrap;

/// <summary>
/// Puts templates and policies in place, or looks whether they are. Asked again it changes nothing; what a newer collector has made is left
/// alone; another collector that does the same at the same time does no harm, since both put the same.
/// </summary>
internal sealed class ServerBootstrap(ElasticsearchSettings settings, DocumentPlaces places)
{
    private const int NotFound = 404;
    private const int RequestTimeout = 408;
    private const int Conflict = 409;
    private const int TooManyRequests = 429;
    private const int ServerFault = 500;

    private const string Permissions = "The credentials need the cluster privileges monitor, manage_index_templates and manage_ilm (manage_ism) and, for logs-gpu.*, create_doc, create_index, view_index_metadata, manage; "
        + "or let somebody install what `gpu-collector elasticsearch templates` prints, and set elasticsearch.bootstrap: manual";

    /// <summary>Has everything in place when it returns.</summary>
    /// <exception cref="BootstrapException">Something cannot be put in place, or is not.</exception>
    /// <exception cref="ElasticsearchUnreachableException">No node answered.</exception>
    public async Task<BootstrapReport> EnsureAsync(ElasticsearchClient client, ElasticsearchServer server, CancellationToken cancellationToken)
    {
        List<string> notes = [];
        if (!server.IsSupported) notes.Add($"{server} is older than what is tested: Elasticsearch 7.17, OpenSearch 1.0");
        var support = await LifecycleProbe.FindAsync(client, server, cancellationToken).ConfigureAwait(false);
        var (policies, collectorDeletes) = LifecycleProbe.Choose(settings.Lifecycle, support);
        if (settings.Lifecycle == LifecycleMode.Server && support == LifecycleSupport.None)
            notes.Add("elasticsearch.lifecycle is server, and the server has no life cycles: nothing deletes old indices; set auto or collector");
        if (support == LifecycleSupport.None && server.IsOpenSearch is false && collectorDeletes) notes.Add("the server has no index lifecycle management: the collector deletes old indices");

        var types = MappingTypes.Of(server);
        var parts = new ServerParts(types, policies, settings.Streams, places);
        List<MissingPart> missing = [];
        foreach (var part in parts.All())
        {
            if (settings.Bootstrap == BootstrapMode.Manual) await LookAsync(client, part, notes, cancellationToken).ConfigureAwait(false);
            else if (await FindMissingAsync(client, part, notes, cancellationToken).ConfigureAwait(false) is { } found) missing.Add(found);
        }
        List<string> changed = [];
        foreach (var one in missing)
        {
            // The last part of a stream bears witness that the indices that are there have what the templates say: whatever ends this before, the
            // next look finds that part missing and begins with the indices again.
            var isLast = one.Part.Stream is { } stream && one == missing.FindLast(other => other.Part.Stream == stream);
            if (isLast) await UpdateIndicesAsync(client, parts, one.Part.Stream!, types, notes, cancellationToken).ConfigureAwait(false);
            if (await PutAsync(client, one, cancellationToken).ConfigureAwait(false)) changed.Add(one.Part.Path);
            // For an index that was made in between; what it did not take was noted.
            if (isLast) await UpdateIndicesAsync(client, parts, one.Part.Stream!, types, [], cancellationToken).ConfigureAwait(false);
        }
        return new BootstrapReport(server, policies, collectorDeletes, changed, notes);
    }

    private static async Task LookAsync(ElasticsearchClient client, ServerPart part, List<string> notes, CancellationToken cancellationToken)
    {
        var reply = await client.GetAsync(part.Path, cancellationToken).ConfigureAwait(false);
        if (reply.Status == NotFound)
            throw new BootstrapException($"{part.Path} is not at the server, and elasticsearch.bootstrap is manual: install what `gpu-collector elasticsearch templates` prints, or set install. Documents wait until then");
        // Who may only write documents may not look either, and somebody has seen to it.
        if (reply.IsSuccess && Installed(part, reply) is { Version: < ServerPart.Version } old)
            notes.Add($"{part.Path} has version {old.Version}, this collector has {ServerPart.Version}: install what `gpu-collector elasticsearch templates` prints");
    }

    /// <returns>The part, where it is not there as it should be; null where it is.</returns>
    private static async Task<MissingPart?> FindMissingAsync(ElasticsearchClient client, ServerPart part, List<string> notes, CancellationToken cancellationToken)
    {
        var reply = await client.GetAsync(part.Path, cancellationToken).ConfigureAwait(false);
        if (!reply.IsSuccess && reply.Status != NotFound) throw Refused(part, "asked for", reply);
        var installed = reply.IsSuccess ? Installed(part, reply) : null;
        if (installed is not { Version: > ServerPart.Version } newer) return installed == part.Mark ? null : new MissingPart(part, reply);
        notes.Add($"{part.Path} has version {newer.Version} of a newer collector and is left alone (this one has {ServerPart.Version})");
        return null;
    }

    /// <returns>True where it was put.</returns>
    private static async Task<bool> PutAsync(ElasticsearchClient client, MissingPart missing, CancellationToken cancellationToken)
    {
        var (part, known) = missing;
        var put = await client.PutAsync(part.Path + Condition(part, known), part.ToJson(), cancellationToken).ConfigureAwait(false);
        // Another collector was quicker; what it put is looked at the next time.
        if (put.Status == Conflict && part.Kind == ServerPartKind.IsmPolicy) return false;
        return put.IsSuccess ? true : throw Refused(part, "put", put);
    }

    /// <summary>Gives indices that are there already the fields and the policy that new ones get; what they cannot take is noted.</summary>
    private static async Task UpdateIndicesAsync(ElasticsearchClient client, ServerParts parts, SearchStream stream, MappingTypes types, List<string> notes, CancellationToken cancellationToken)
    {
        var indices = parts.IndexPattern(stream);
        const string Lenient = "?ignore_unavailable=true&allow_no_indices=true";
        var mapping = await client.PutAsync($"{indices}/_mapping{Lenient}", Bytes(new JsonObject { ["properties"] = types.Properties(stream) }), cancellationToken).ConfigureAwait(false);
        Take(mapping, "the fields");
        if (parts.PolicySettings(stream) is not { Count: > 0 } settings) return;
        var put = await client.PutAsync($"{indices}/_settings{Lenient}", Bytes(settings), cancellationToken).ConfigureAwait(false);
        Take(put, "the policy");

        void Take(ElasticsearchReply reply, string what)
        {
            if (reply.IsSuccess) return;
            // One that is closed to writing may stay so for ever, and must not keep the others waiting.
            if (reply.Status is RequestTimeout or TooManyRequests or >= ServerFault && !reply.IsClusterBlock) throw new BootstrapException($"indices {indices} could not be given {what} at {reply.Node}: {reply.Describe()}");
            notes.Add($"indices {indices} keep {what} that they have: {reply.Describe()}");
        }
    }

    private static PartMark? Installed(ServerPart part, ElasticsearchReply reply)
    {
        using var json = reply.ReadJson();
        return json is null ? null : part.InstalledMark(json.RootElement);
    }

    /// <summary>A policy of ISM is changed only by who says which one he means.</summary>
    private static string Condition(ServerPart part, ElasticsearchReply known)
    {
        if (part.Kind != ServerPartKind.IsmPolicy || !known.IsSuccess) return "";
        using var json = known.ReadJson();
        return json is { RootElement.ValueKind: JsonValueKind.Object }
            && json.RootElement.TryGetProperty("_seq_no", out var number) && json.RootElement.TryGetProperty("_primary_term", out var term)
            && number.TryGetInt64(out var sequence) && term.TryGetInt64(out var primary)
            ? string.Create(CultureInfo.InvariantCulture, $"?if_seq_no={sequence}&if_primary_term={primary}") : "";
    }

    private static byte[] Bytes(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString());

    private static BootstrapException Refused(ServerPart part, string what, ElasticsearchReply reply) => new(
        $"{part.Path} could not be {what} at {reply.Node}: {reply.Describe()}{(reply.Status is 401 or 403 ? ". " + Permissions : "")}");

    /// <summary>A part that is not there as it should be, and what the server said when asked for it.</summary>
    private sealed record MissingPart(ServerPart Part, ElasticsearchReply Known);
}
