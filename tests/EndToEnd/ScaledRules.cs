using System.Globalization;
using System.Text.RegularExpressions;
using Monitoring.Dashboards.Generator.Prometheus;

namespace Monitoring.Tests.EndToEnd;

/// <summary>
/// The shipped rules of Prometheus and of the agent with seconds where they have minutes: made by the generator from the shipped
/// values, so that nothing but times differs. Thresholds stay, but for those that are times themselves.
/// </summary>
internal static partial class ScaledRules
{
    /// <summary>At least this long, so that a scrape or an evaluation that comes late on a busy machine fires nothing.</summary>
    private static readonly TimeSpan LeastHolding = TimeSpan.FromSeconds(4);

    /// <summary>What holds for hours holds for this long: the whole run is of minutes.</summary>
    private static readonly TimeSpan MostHolding = TimeSpan.FromSeconds(12);

    /// <summary>Thresholds that are seconds. Readings come each second, and take some more over agent, collector and scrape.</summary>
    private static readonly (string Alert, int Seconds)[] TimeThresholds =
        [("GpuDriverCallStuck", 6), ("GpuCollectorStale", 10), ("GpuProbeStuck", 6), ("GpuSinkStalled", 10), ("GpuNodeSinkStalled", 10)];

    /// <summary>Writes the rule files into a folder.</summary>
    internal static void Write(string folder)
    {
        var dashboards = Directory.CreateDirectory(Path.Combine(folder, "source", "dashboards"));
        var values = Path.Combine(dashboards.FullName, RuleFiles.ValuesFile);
        Directory.CreateDirectory(Path.GetDirectoryName(values)!);
        File.WriteAllText(values, Values(File.ReadAllText(RepositoryRoot.Combine("dashboards", "prometheus", "values.yaml"))));
        var shipped = Path.Combine(folder, "source", "agent", "Detection", "Rules", "shipped.yaml");
        Directory.CreateDirectory(Path.GetDirectoryName(shipped)!);
        File.Copy(ShippedAgentRules, shipped);
        foreach (var file in RuleFiles.All(dashboards.FullName).Where(static file => file.Path.StartsWith("prometheus/", StringComparison.Ordinal)))
            File.WriteAllText(Path.Combine(folder, Path.GetFileName(file.Path)), FixedTimes(file.Text));
    }

    /// <summary>The agent's shipped rules as a file of rules that override them: a minute is a second, an hour a minute.</summary>
    internal static string AgentRules { get; } = AgentTime().Replace(Comment().Replace(File.ReadAllText(ShippedAgentRules), ""), static match => match.Groups["number"].Value + (match.Groups["unit"].Value == "h" ? "m" : "s"));

    private static string ShippedAgentRules => RepositoryRoot.Combine("agent", "Detection", "Rules", "shipped.yaml");

    private static string Values(string values)
    {
        foreach (var (alert, seconds) in TimeThresholds)
            values = Regex.Replace(values, $@"(?<=^  {alert}:\n(?:    .*\n)*?    threshold: )\d+", seconds.ToString(CultureInfo.InvariantCulture), RegexOptions.Multiline);
        return ValueTime().Replace(values, static match => match.Groups["key"].Value switch
        {
            "for" or "keep_firing_for" => Text(Holding(Duration(match))),
            "window" or "incident_window" => Text(Window(Duration(match))),
            _ => "1s",
        });
    }

    /// <summary>Times that stand in the generator's code; what comes from the values is in seconds by now.</summary>
    private static string FixedTimes(string rules) =>
        FixedInterval().Replace(FixedOffset().Replace(FixedWindow().Replace(rules, static match => $"[{Text(Window(Duration(match)))}]"), static match => $"offset {Text(Back(Duration(match)))}"), "2s");

    private static TimeSpan Holding(TimeSpan time) => time == TimeSpan.Zero ? time : TimeSpan.FromTicks(Math.Clamp(time.Ticks / 150, LeastHolding.Ticks, MostHolding.Ticks));

    /// <summary>A second for a minute, and less for hours; a day is longer than the run.</summary>
    private static TimeSpan Window(TimeSpan time) => TimeSpan.FromSeconds(time.TotalHours switch { < 1 => time.TotalMinutes, < 6 => 30, < 24 => 60, _ => 600 });

    /// <summary>How long ago something is compared with: before the incident, and after the start.</summary>
    private static TimeSpan Back(TimeSpan time) => TimeSpan.FromSeconds(time.TotalHours < 1 ? 4 : 12);

    private static string Text(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(time.TotalSeconds)}s");

    private static TimeSpan Duration(Match match) => PrometheusDuration.Parse(match.Groups["time"].Value)!.Value;

    [GeneratedRegex(@"(?<=^ *(?<key>for|keep_firing_for|window|incident_window|interval|slowest_scrape): )(?<time>\d+[smhd])$", RegexOptions.Multiline)]
    private static partial Regex ValueTime();

    [GeneratedRegex(@"\[(?<time>\d+[mhd])\]")]
    private static partial Regex FixedWindow();

    [GeneratedRegex(@"offset (?<time>\d+[mhd])\b")]
    private static partial Regex FixedOffset();

    [GeneratedRegex(@"(?<=^ +interval: )\d+[mh]$", RegexOptions.Multiline)]
    private static partial Regex FixedInterval();

    [GeneratedRegex(@"\b(?<number>\d+)(?<unit>[mh])\b")]
    private static partial Regex AgentTime();

    [GeneratedRegex("^ *#.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
