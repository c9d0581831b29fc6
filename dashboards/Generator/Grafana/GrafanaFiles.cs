using Monitoring.Dashboards.Generator.Grafana.Pages;

namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>The dashboards of Grafana, a file each.</summary>
internal static class GrafanaFiles
{
    /// <summary>In the order of a search for what is wrong.</summary>
    public static IReadOnlyList<Dashboard> Dashboards { get; } =
    [
        FleetDashboard.Make(), NodeDashboard.Make(), DeviceDashboard.Make(), JobDashboard.Make(), CapturesDashboard.Make(), FabricDashboard.Make(), PipelineDashboard.Make(),
    ];

    /// <summary>The files below <c>grafana/</c>.</summary>
    public static IEnumerable<GeneratedFile> All() =>
        Dashboards.Select(static dashboard => new GeneratedFile($"grafana/{dashboard.Uid}.json", DashboardWriter.Write(dashboard)));
}
