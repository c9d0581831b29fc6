namespace Monitoring.Simulator.Demo;

/// <summary>The configuration of the demo's Prometheus: every node both ways, each way as a job of its own, and the collector itself.</summary>
internal static class PrometheusConfiguration
{
    /// <summary>Nodes through the collector's page of each.</summary>
    public const string CollectorJob = "gpu-via-collector";

    /// <summary>The agents themselves.</summary>
    public const string AgentJob = "gpu-via-agent";

    /// <summary>YAML for Prometheus 2.28 (http_sd) and later. honor_labels keeps the series' own node and cluster.</summary>
    public static string Yaml(string collectorAddress) => $"""
        global:
          scrape_interval: 2s
          scrape_timeout: 2s
        scrape_configs:
          - job_name: {CollectorJob}
            honor_labels: true
            http_sd_configs:
              - url: http://{collectorAddress}/sd/prometheus?via=collector
                refresh_interval: 2s
          - job_name: {AgentJob}
            honor_labels: true
            http_sd_configs:
              - url: http://{collectorAddress}/sd/prometheus?via=agent
                refresh_interval: 2s
          - job_name: gpu-collector
            static_configs:
              - targets: ['{collectorAddress}']

        """;
}
