using System.Text.Json;
using Monitoring.Collector.Series;

namespace Monitoring.Collector.Exposition;

/// <summary>
/// Serves <c>/sd/prometheus</c> (http_sd): each node's page here (<c>via=collector</c>), or each agent itself
/// (<c>via=agent</c>). While no list can be known it answers 503, over which Prometheus keeps the list it has.
/// </summary>
internal sealed class ServiceDiscovery
{
    private readonly SeriesStore store;
    private readonly DiscoverySettings settings;
    private readonly TimeProvider time;
    private readonly long started;

    /// <summary>Starts the warm-up.</summary>
    public ServiceDiscovery(SeriesStore store, DiscoverySettings settings, TimeProvider time)
    {
        this.store = store;
        this.settings = settings;
        this.time = time;
        started = time.GetTimestamp();
    }

    /// <summary>Whether a list can be given: an empty one only after the warm-up.</summary>
    public bool IsListKnown
    {
        get
        {
            var age = time.GetElapsedTime(started);
            return age >= settings.SettleTime && (store.HasHeardAnyNode || age >= settings.WarmUp);
        }
    }

    /// <summary>Nodes in the list that cannot be scraped directly, since no sender of theirs says where.</summary>
    public int NodesWithoutAgentAddress => store.Listed().Count(static node => node.AgentAddress is null);

    /// <summary>Answers one request for the list.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var via = context.Request.Query["via"].ToString();
        if (via is not ("" or "collector" or "agent"))
        {
            await context.AnswerAsync(StatusCodes.Status400BadRequest, $"via is '{via}', expected collector or agent.");
            return;
        }

        if (!IsListKnown)
        {
            context.Response.Headers.RetryAfter = "5";
            await context.AnswerAsync(StatusCodes.Status503ServiceUnavailable, "The list of nodes is not known yet: the collector has just started and waits for the first pushes.");
            return;
        }

        var groups = via == "agent" ? Agents() : Pages(settings.AdvertisedAddress.Length > 0 ? settings.AdvertisedAddress : context.Request.Host.Value ?? "");
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, groups, ExpositionJson.Default.ListTargetGroup, context.RequestAborted);
    }

    /// <summary>Every listed node's page on the collector.</summary>
    public List<TargetGroup> Pages(string collectorAddress)
        => Groups(_ => collectorAddress, static (node, labels) => labels["__metrics_path__"] = NodePageEndpoint.PathOf(node.Name));

    /// <summary>Every listed node's agent, where its address is known.</summary>
    public List<TargetGroup> Agents() => Groups(static node => node.AgentAddress, static (_, _) => { });

    private List<TargetGroup> Groups(Func<Node, string?> address, Action<Node, SortedDictionary<string, string>> addLabels)
    {
        var groups = new List<TargetGroup>();
        foreach (var node in store.Listed().OrderBy(static node => node.Name, StringComparer.Ordinal))
        {
            if (address(node) is not { } target) continue;
            var labels = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["node"] = node.Name };
            if (node.Cluster is { } cluster) labels["cluster"] = cluster;
            addLabels(node, labels);
            groups.Add(new TargetGroup([target], labels));
        }

        return groups;
    }
}
