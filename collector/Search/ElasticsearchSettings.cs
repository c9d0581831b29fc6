using Monitoring.Collector.Search.Bootstrap;
using Monitoring.Collector.Search.Privacy;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.Logs;
using Monitoring.Settings;

namespace Monitoring.Collector.Search;

/// <summary>What goes into Elasticsearch or OpenSearch, and what becomes of it there.</summary>
internal sealed class ElasticsearchSettings : ICheckSettings
{
    /// <summary>How the servers are reached.</summary>
    [Setting("How Elasticsearch or OpenSearch is reached. Without urls it is not used, and everything else works as with it.")]
    public ElasticsearchConnectionSettings Connection { get; set; } = new();

    /// <summary>The last part of the streams' names.</summary>
    [Setting("Last part of the names of streams, logs-gpu.event-NAMESPACE: keeps apart what several installations send to one cluster. Lower-case letters, digits and _.")]
    public string Namespace { get; set; } = "default";

    /// <summary>What is sent, and for how long it is kept.</summary>
    [Setting("Which streams are sent, and for how long the server keeps them.")]
    public StreamsSettings Streams { get; set; } = new();

    /// <summary>Who installs templates and policies.</summary>
    [Setting("install puts index templates in place and brings them up to date when the collector starts; manual waits until somebody has (gpu-collector elasticsearch templates prints them).")]
    public BootstrapMode Bootstrap { get; set; } = BootstrapMode.Install;

    /// <summary>Who deletes what is over its time.</summary>
    [Setting("Who deletes indices that are over their retention. server: a policy of ILM or ISM. collector: the collector itself, once an hour. auto: a policy where the server has them, and the collector where it has none or counts from another day than that in the name. none: nobody.")]
    public LifecycleMode Lifecycle { get; set; } = LifecycleMode.Auto;

    /// <summary>What of persons is sent.</summary>
    [Setting("What of persons is sent: kept, hashed or dropped.")]
    public PrivacySettings Privacy { get; set; } = new();

    /// <summary>Where people reach the collector.</summary>
    [Setting("Address of the collector in links, such as https://collector.example/gpu; empty takes http:// and discovery.advertised_address, or the name of this machine with the port of listen.")]
    public Uri? Links { get; set; }

    /// <summary>Room for what the server refuses.</summary>
    [Setting("Room for documents of a stream that the server refuses for good, as files below the state directory; the oldest are given up and counted.", Minimum = "1MiB", Maximum = "10GiB")]
    public long DeadLetterBytes { get; set; } = 64 << 20;

    /// <summary>True where Elasticsearch is used.</summary>
    internal bool IsUsed => Connection.Urls.Count > 0;

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Expected)> Check()
    {
        if (!LogOrigin.IsNamespace(Namespace)) yield return ("namespace", LogOrigin.NamespaceForm);
        if (Links is { } links && links.Scheme is not ("http" or "https")) yield return ("links", "a URL with http or https, such as https://collector.example");
    }
}
