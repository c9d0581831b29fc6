using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>Reads <c>values.yaml</c> and refuses what it does not understand.</summary>
internal sealed class RuleValuesReader
{
    /// <summary>Ranges of Prometheus 3 leave out the sample at their left edge, and rates need two; scrapes may fail.</summary>
    private const int ScrapesPerWindow = 4;

    private static readonly string[] s_severities = ["critical", "warning", "info", "none"];

    private TimeSpan shortestWindow;

    /// <summary>Reads the text of the file.</summary>
    /// <exception cref="ValuesException">A key is unknown or missing, or a value is not what it should be.</exception>
    internal static RuleValues Read(string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlDotNet.Core.YamlException fault)
        {
            throw new ValuesException($"values.yaml:{fault.Start.Line} is no YAML: {fault.Message}");
        }
        catch (Exception fault) when (fault is ArgumentException or InvalidOperationException)
        {
            // What the library throws, and without a place, where a bracket is never closed or a directive stands in the middle.
            throw new ValuesException($"values.yaml is no YAML: {fault.Message}");
        }

        if (stream.Documents is not [{ RootNode: YamlMappingNode root }]) throw new ValuesException("values.yaml is not one map, expected the keys links, selector, jobs, ... and alerts");
        return new RuleValuesReader().Read(new ValuesMap("", root));
    }

    private RuleValues Read(ValuesMap root)
    {
        var links = root.Map("links");
        var jobs = root.Map("jobs");
        shortestWindow = Duration(root, "slowest_scrape") * ScrapesPerWindow;
        var alerts = root.Map("alerts");
        var values = new RuleValues
        {
            Runbooks = Address(links, "runbooks").TrimEnd('/') + "/",
            Grafana = Address(links, "grafana").TrimEnd('/'),
            Collector = Address(links, "collector").TrimEnd('/'),
            Selector = root.Text("selector"),
            NodeJobs = jobs.Text("nodes"),
            CollectorJob = jobs.Text("collector"),
            Interval = DurationText(root, "interval"),
            IncidentWindow = Window(root, "incident_window"),
            XidsNotRepeated = [.. root.List("xids_not_repeated").Select(Code)],
            Alerts = alerts.Keys.ToDictionary(static name => name, name => Alert(alerts.Map(name)), StringComparer.Ordinal),
        };
        foreach (var map in (ValuesMap[])[links, jobs, root]) map.RefuseOthers();
        return values;
    }

    private AlertValues Alert(ValuesMap map)
    {
        var severity = map.Text("severity");
        if (!s_severities.Contains(severity)) throw new ValuesException($"{map.Path}.severity is '{severity}', expected one of {string.Join(", ", s_severities)}");
        var held = DurationText(map, "for");
        var kept = map.Has("keep_firing_for") ? DurationText(map, "keep_firing_for") : null;
        var source = map.Text("source");
        if (source.Length == 0) throw new ValuesException($"{map.Path}.source is empty, expected where the numbers come from");
        var numbers = map.Rest().ToDictionary(static name => name, name => name == "window" ? Window(map, name) : Number(map, name), StringComparer.Ordinal);
        return new AlertValues(severity, held, kept, source, numbers);
    }

    private string Window(ValuesMap map, string key)
    {
        if (Duration(map, key) is var window && window < shortestWindow)
            throw new ValuesException($"{map.At(key)} is '{map.Text(key)}', expected at least {shortestWindow.TotalMinutes:0.##} minutes: {ScrapesPerWindow} times slowest_scrape");
        return map.Text(key);
    }

    private static string DurationText(ValuesMap map, string key)
    {
        Duration(map, key);
        return map.Text(key);
    }

    private static TimeSpan Duration(ValuesMap map, string key) =>
        PrometheusDuration.Parse(map.Text(key)) ?? throw new ValuesException($"{map.At(key)} is '{map.Text(key)}', expected a duration of one unit such as 15m");

    private static string Number(ValuesMap map, string key) =>
        double.TryParse(map.Text(key), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? map.Text(key)
            : throw new ValuesException($"{map.At(key)} is '{map.Text(key)}', expected a number such as 0.05");

    private static int Code(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : throw new ValuesException($"xids_not_repeated holds '{text}', expected numbers of XIDs");

    private static string Address(ValuesMap map, string key) =>
        Uri.TryCreate(map.Text(key), UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? map.Text(key)
            : throw new ValuesException($"{map.At(key)} is '{map.Text(key)}', expected an address that begins with http:// or https://");
}
