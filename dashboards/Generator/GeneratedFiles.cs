using Monitoring.Dashboards.Generator.Grafana;
using Monitoring.Dashboards.Generator.Kibana;
using Monitoring.Dashboards.Generator.Logstash;
using Monitoring.Dashboards.Generator.Prometheus;

namespace Monitoring.Dashboards.Generator;

/// <summary>Everything that is generated. A family of files is a line here.</summary>
internal static class GeneratedFiles
{
    /// <summary>All files, from the sources in <c>dashboards/</c>.</summary>
    /// <param name="directory">The path of <c>dashboards/</c>, from which values are read.</param>
    public static IEnumerable<GeneratedFile> All(string directory) =>
    [
        .. RuleFiles.All(directory),
        .. GrafanaFiles.All(),
        .. KibanaFiles.All(),
        .. LogstashFiles.All(),
    ];
}
