using Monitoring.Dashboards.Generator.Prometheus;

namespace Monitoring.Tests.Dashboards.Prometheus;

/// <summary>The rules as they are made from the values in the repository.</summary>
internal static class ShippedRules
{
    internal static string Directory { get; } = RepositoryRoot.Combine("dashboards");

    internal static string ValuesText { get; } = File.ReadAllText(Path.Combine(Directory, RuleFiles.ValuesFile));

    internal static RuleValues Values { get; } = RuleValuesReader.Read(ValuesText);

    internal static IReadOnlyList<MadeAlert> Alerts { get; } = [.. RuleFiles.Alerts(Values, Directory).SelectMany(static group => group.Alerts)];

    internal static IEnumerable<string> Names => Alerts.Select(static alert => alert.Definition.Name);

    internal static IEnumerable<string> Groups =>
        RuleFiles.Recordings(Values).Select(static group => group.Name).Concat(RuleFiles.Alerts(Values, Directory).Select(static group => group.Group));

    /// <summary>The path of a file below <c>dashboards/</c>.</summary>
    internal static string At(params string[] parts) => Path.Combine([Directory, .. parts]);
}
