using System.Text.Json;
using System.Text.RegularExpressions;
using FluentAssertions;
using Monitoring.Tests.Dashboards.Promql;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Monitoring.Tests.Dashboards.Grafana;

/// <summary>The rules of Grafana's dashboard-linter, by its own names, with the exclusions that <c>dashboards/grafana/.lint</c> states and gives reasons for.</summary>
public sealed partial class DashboardLintTests
{
    private static readonly string[] NeedUnits = ["stat", "table", "timeseries", "gauge"];

    /// <summary>What breaks each rule: the dashboard, and the panel where it is one.</summary>
    private static IReadOnlyDictionary<string, Func<DashboardFile, IEnumerable<string>>> Rules { get; } = new Dictionary<string, Func<DashboardFile, IEnumerable<string>>>
    {
        ["template-datasource-rule"] = static page => page.Variables.Where(static one => Text(one, "type") == "datasource").Where(static one => Text(one, "name") != Text(one, "query") + "_datasource").Select(static _ => ""),
        ["template-job-rule"] = static page => Template(page, "job"),
        ["template-instance-rule"] = static page => Template(page, "instance"),
        ["template-label-promql-rule"] = static page => page.Variables.Where(static one => Text(one, "type") == "query" && !LabelValues().IsMatch(Text(one.GetProperty("query"), "query"))).Select(static _ => ""),
        ["template-on-time-change-reload-rule"] = static page => page.Variables.Where(static one => Text(one, "type") == "query" && one.GetProperty("refresh").GetInt32() != 2).Select(static _ => ""),
        ["panel-datasource-rule"] = static page => Panels(page, static panel => Text(panel.GetProperty("datasource"), "uid") is not ("${datasource}" or "${logs}")),
        ["panel-title-description-rule"] = static page => Panels(page, static panel => Text(panel, "title").Length == 0 || Text(panel, "description").Length == 0),
        ["panel-units-rule"] = static page => Panels(page, static panel => NeedUnits.Contains(Text(panel, "type")) && Text(panel.GetProperty("fieldConfig").GetProperty("defaults"), "unit").Length == 0),
        ["panel-no-targets-rule"] = static page => Panels(page, static panel => panel.GetProperty("targets").GetArrayLength() == 0),
        ["target-logql-rule"] = NotAsked,
        ["target-logql-auto-rule"] = NotAsked,
        ["target-promql-rule"] = static page => Targets(page, static (query, tree) => tree is null),
        ["target-rate-interval-rule"] = static page => Targets(page, static (query, tree) => Grown(tree).Count(static selector => selector.Kind == "selector") != Regex.Count(query.Text, @"\[\$__rate_interval\]") - Regex.Count(query.Text, @"changes\([^)]*\[\$__rate_interval\]")),
        ["target-job-rule"] = static page => Targets(page, static (query, tree) => !tree!.Selectors.All(static selector => selector.Matchers.Any(static matcher => matcher.Label == "job"))),
        ["target-instance-rule"] = static page => Targets(page, static (query, tree) => !tree!.Selectors.All(static selector => selector.Matchers.Any(static matcher => matcher.Label == "instance"))),
        ["target-counter-agg-rule"] = static page => Targets(page, static (query, tree) => tree!.Selectors.Any(selector => selector.Name.EndsWith("_total", StringComparison.Ordinal) && !Grown(tree).Contains(selector))),
        ["uneditable-dashboard-rule"] = static page => page.Json.GetProperty("editable").GetBoolean() ? [""] : [],
    };

    public static TheoryData<string> Names => [.. Rules.Keys];

    private static IReadOnlyDictionary<(string Dashboard, string Panel, string Reference), Expression?> Trees { get; set; } = new Dictionary<(string, string, string), Expression?>();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Nothing_breaks_a_rule_but_what_is_excluded_with_a_reason_and_breaks_it(string rule)
    {
        await ReadTreesAsync();
        var exclusions = Exclusions();
        var broken = DashboardFile.All.SelectMany(page => Rules[rule](page).Select(panel => (Title: Text(page.Json, "title"), Panel: panel))).Distinct().ToArray();
        if (!exclusions.TryGetValue(rule, out var exclusion))
        {
            broken.Should().BeEmpty(rule);
            return;
        }

        exclusion.Reason.Should().NotBeEmpty();
        if (exclusion.Entries.Count == 0) broken.Should().NotBeEmpty($"{rule} is excluded for nothing");
        else broken.Should().BeEquivalentTo(exclusion.Entries);
    }

    [Fact]
    public void Every_exclusion_is_of_a_rule() => Exclusions().Keys.Should().BeSubsetOf(Rules.Keys);

    private static IEnumerable<string> Template(DashboardFile page, string name) => page.VariableNames.Contains(name) ? [] : [""];

    private static IEnumerable<string> NotAsked(DashboardFile page) => page.Everywhere("type").Any(static type => type.ValueKind == JsonValueKind.String && type.GetString() == "loki") ? [""] : [];

    private static IEnumerable<string> Panels(DashboardFile page, Func<JsonElement, bool> breaks) => page.Panels.Where(breaks).Select(static panel => Text(panel, "title"));

    private static IEnumerable<string> Targets(DashboardFile page, Func<PanelQuery, Expression?, bool> breaks) =>
        page.Queries.Where(query => breaks(query, Trees[(query.Dashboard, query.Panel, query.Reference)])).Select(static query => query.Panel);

    private static HashSet<Expression> Grown(Expression? tree) => [.. tree!.All.Where(static part => part is { Kind: "call", Name: "rate" or "irate" or "increase" }).SelectMany(static call => call.Arguments)];

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out var text) ? text.GetString()! : "";

    private static async Task ReadTreesAsync()
    {
        if (Trees.Count > 0) return;
        var queries = DashboardFile.All.SelectMany(static page => page.Queries).ToArray();
        var trees = await Expression.ReadAsync([.. queries.Select(static query => query.With(Choices.Any))]);
        Trees = queries.Zip(trees).ToDictionary(static pair => (pair.First.Dashboard, pair.First.Panel, pair.First.Reference), static pair => pair.Second.Tree);
    }

    private static Dictionary<string, (string Reason, IReadOnlyList<(string Title, string Panel)> Entries)> Exclusions()
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(RepositoryRoot.Combine("dashboards", "grafana", ".lint"));
        stream.Load(reader);
        return ((YamlMappingNode)((YamlMappingNode)stream.Documents[0].RootNode).Children["exclusions"]).Children.ToDictionary(static one => one.Key.ToString(), static one =>
        {
            var rule = (YamlMappingNode)one.Value;
            var entries = rule.Children.TryGetValue("entries", out var list) ? ((YamlSequenceNode)list).OfType<YamlMappingNode>().Select(static entry => (entry.Children["dashboard"].ToString(), entry.Children["panel"].ToString())).ToArray() : [];
            return (rule.Children["reason"].ToString(), (IReadOnlyList<(string, string)>)entries);
        });
    }

    [GeneratedRegex(@"^label_values\(.+, \w+\)$")]
    private static partial Regex LabelValues();
}
