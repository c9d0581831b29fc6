using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.Logs;
using Monitoring.Settings;
using Monitoring.Settings.Logs;

namespace Monitoring.Agent.Hosting;

/// <summary>How the agent speaks, and who else hears it.</summary>
[SettingsSection("How the log is written, which goes to standard output, and where else its lines are sent.")]
public sealed class AgentLogSettings : LogSettings, ICheckSettings
{
    [Setting("Where else the lines are sent: none; collector, which is the one of collector.endpoint and without one nothing; or elasticsearch, without a collector between.")]
    public LogShipTo Ship { get; set; } = LogShipTo.Collector;

    [Setting("Least level that is sent.")]
    public LogThreshold ShipLevel { get; set; } = LogThreshold.Information;

    [Setting("Room on disk for lines that wait to be sent; beyond it the oldest go and are counted. Without a state directory 8MiB of memory at most.", Minimum = "1MiB", Maximum = "4GiB")]
    public long ShipMaxBytes { get; set; } = 32L << 20;

    [Setting("Elasticsearch or OpenSearch, for ship: elasticsearch.")]
    public ElasticsearchConnectionSettings Elasticsearch { get; set; } = new() { MaxBatchBytes = 1 << 20, MaxBatchDocuments = 500, MaxBatchAge = TimeSpan.FromSeconds(2), RequestTimeout = TimeSpan.FromSeconds(10) };

    [Setting("Last part of the names of the indices for ship: elasticsearch, logs-gpu.agent-NAMESPACE: the one of the collector that installs their templates (elasticsearch.namespace there).")]
    public string Namespace { get; set; } = "default";

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Expected)> Check()
    {
        if (Ship == LogShipTo.Elasticsearch && Elasticsearch.Urls.Count == 0)
            yield return ("elasticsearch.urls", "an address, such as https://search-1.example:9200, since ship is elasticsearch");
        if (!LogOrigin.IsNamespace(Namespace)) yield return ("namespace", LogOrigin.NamespaceForm);
    }
}

/// <summary>Who else hears the agent.</summary>
public enum LogShipTo { None, Collector, Elasticsearch }
