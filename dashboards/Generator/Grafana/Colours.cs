namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>What colours mean, the same on every page.</summary>
internal static class Colours
{
    internal const string Good = "green";
    internal const string Watch = "yellow";
    internal const string Warning = "orange";
    internal const string Bad = "red";
    internal const string Neutral = "blue";
    internal const string Quiet = "#6e7681";
    internal const string Unseen = "transparent";
    internal const string Power = "purple";
    internal const string Capture = "light-blue";
}
