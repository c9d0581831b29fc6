using Monitoring.Elasticsearch.Connection;

namespace Monitoring.Collector.Search.Bootstrap;

/// <summary>Finds out what a server has for indices that grow old, and who is to delete them.</summary>
internal static class LifecycleProbe
{
    private const int Forbidden = 403;

    /// <summary>What the server has.</summary>
    /// <exception cref="ElasticsearchUnreachableException">No node answered.</exception>
    public static async Task<LifecycleSupport> FindAsync(ElasticsearchClient client, ElasticsearchServer server, CancellationToken cancellationToken)
    {
        var (path, has) = server.IsOpenSearch ? ("_plugins/_ism/policies?size=1", LifecycleSupport.Ism) : ("_ilm/status", LifecycleSupport.Ilm);
        var reply = await client.GetAsync(path, cancellationToken).ConfigureAwait(false);
        // Who may not see it learns with that that it is there; one without it knows no such address.
        return reply.IsSuccess || reply.Status == Forbidden ? has : LifecycleSupport.None;
    }

    /// <summary>What of it is used, and whether the collector deletes.</summary>
    public static (LifecycleSupport Policies, bool CollectorDeletes) Choose(LifecycleMode mode, LifecycleSupport support) => mode switch
    {
        LifecycleMode.Server => (support, false),
        LifecycleMode.Collector => (LifecycleSupport.None, true),
        // ISM counts from the day on which an index was made: one that was filled with what is old lives longer by that, and the collector goes by its name.
        LifecycleMode.Auto => (support, support != LifecycleSupport.Ilm),
        _ => (LifecycleSupport.None, false),
    };
}
