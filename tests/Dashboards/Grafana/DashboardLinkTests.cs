using System.Text.Json;
using System.Text.RegularExpressions;
using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Dashboards.Grafana;

/// <summary>Every link leads to a page that is there, with choices that it has.</summary>
public sealed partial class DashboardLinkTests
{
    public static TheoryData<string> Uids => [.. DashboardFile.Uids];

    [Theory]
    [MemberData(nameof(Uids))]
    public void Every_link_leads_to_a_page_that_is_there_with_choices_that_it_has(string uid)
    {
        foreach (var url in Addresses(uid))
        {
            var match = Internal().Match(url);
            match.Success.Should().BeTrue(url);
            var target = DashboardFile.All.SingleOrDefault(dashboard => dashboard.Uid == match.Groups["uid"].Value);
            target.Should().NotBeNull(url);
            var given = Choice().Matches(match.Groups["query"].Value).Select(static choice => choice.Groups["name"].Value).ToArray();
            given.Should().BeSubsetOf(target!.VariableNames, url);
            given.Should().Contain(["datasource", "logs", "cluster"], url);
            // What has no "All" must be given, or Grafana would show the first that it finds.
            target.Variables.Where(static variable => variable.GetProperty("type").GetString() == "query" && !variable.GetProperty("multi").GetBoolean()).Select(static variable => variable.GetProperty("name").GetString())
                .Should().BeSubsetOf(given, url);
            url.Should().Contain("?${__url_time_range}&", "the time is kept");
        }
    }

    [Theory]
    [MemberData(nameof(Uids))]
    public void A_link_names_only_columns_that_its_table_has_and_labels_that_its_series_have(string uid)
    {
        foreach (var panel in DashboardFile.All.Single(dashboard => dashboard.Uid == uid).Panels)
        {
            var expressions = string.Join(' ', panel.GetProperty("targets").EnumerateArray().Select(static target => target.TryGetProperty("expr", out var text) ? text.GetString() : ""));
            foreach (var (kind, name) in Field().Matches(panel.GetRawText()).Select(static match => (match.Groups["kind"].Value, match.Groups["name"].Value)).Distinct())
            {
                var where = $"{panel.GetProperty("title").GetString()} uses {kind}.{name}";
                if (kind == "__data.fields")
                    panel.GetProperty("transformations").EnumerateArray().Single(static one => one.GetProperty("id").GetString() == "organize").GetProperty("options").GetProperty("indexByName").TryGetProperty(name, out _).Should().BeTrue(where);
                else
                    (Regex.IsMatch(expressions, $@"by \([^)]*\b{name}\b") || !expressions.Contains(" by (", StringComparison.Ordinal)).Should().BeTrue(where);
            }
        }
    }

    [Fact]
    public void A_person_can_go_from_the_fleet_to_a_capture()
    {
        string[][] steps = [["gpu-fleet", "gpu-node"], ["gpu-node", "gpu-device"], ["gpu-device", "gpu-captures"], ["gpu-node", "gpu-job"], ["gpu-job", "gpu-device"], ["gpu-fabric", "gpu-device"], ["gpu-pipeline", "gpu-node"]];
        foreach (var step in steps)
            Addresses(step[0]).Should().Contain(url => url.StartsWith($"/d/{step[1]}?", StringComparison.Ordinal), $"{step[0]} leads to {step[1]}");
    }

    [Fact]
    public void Captures_lead_to_the_collector()
    {
        DashboardFile.All.Single(static dashboard => dashboard.Uid == "gpu-captures").Everywhere("url").Select(static url => url.GetString()).Should().Contain("${__value.raw}");
        DashboardFile.All.Should().OnlyContain(static dashboard => dashboard.Annotations.Any(static annotation => annotation.GetProperty("name").GetString() == "Captures" && annotation.GetProperty("textField").GetString() == "url.full"));
    }

    [Fact]
    public void Every_alert_leads_to_a_page_that_is_there_with_choices_that_it_has()
    {
        var links = AlertLink().Matches(File.ReadAllText(RepositoryRoot.Combine("dashboards", "prometheus", "gpu-alerts.rules.yaml")));
        links.Should().HaveCountGreaterThan(40);
        foreach (Match link in links)
        {
            var target = DashboardFile.All.Single(dashboard => dashboard.Uid == link.Groups["uid"].Value);
            Choice().Matches(link.Groups["query"].Value).Select(static choice => choice.Groups["name"].Value).Should().BeSubsetOf(target.VariableNames, link.Value);
        }
    }

    /// <summary>Links of values and those within annotations, but for addresses that a document itself holds.</summary>
    private static IEnumerable<string> Addresses(string uid)
    {
        var dashboard = DashboardFile.All.Single(dashboard => dashboard.Uid == uid);
        return dashboard.Everywhere("url").Where(static url => url.ValueKind == JsonValueKind.String).Select(static url => url.GetString()!).Where(static url => url != "${__value.raw}")
            .Concat(dashboard.Everywhere("textFormat").SelectMany(static text => Anchor().Matches(text.GetString()!)).Select(static anchor => anchor.Groups["url"].Value));
    }

    [GeneratedRegex(@"^/d/(?<uid>[a-z-]+)\?(?<query>.+)$")]
    private static partial Regex Internal();

    [GeneratedRegex(@"(?:^|&)(?:var-(?<name>[a-z_]+)=|\$\{(?<name>[a-z_]+):queryparam\})")]
    private static partial Regex Choice();

    [GeneratedRegex(@"\$\{(?<kind>__data\.fields|__field\.labels)\.(?<name>[a-z_]+)\}")]
    private static partial Regex Field();

    [GeneratedRegex(@"dashboard_url: '?[^/]*//[^/]+/d/(?<uid>[a-z-]+)\?(?<query>[^'\n]+)")]
    private static partial Regex AlertLink();

    [GeneratedRegex("href=\"(?<url>[^\"]+)\"")]
    private static partial Regex Anchor();
}
