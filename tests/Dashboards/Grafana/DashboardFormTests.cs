using System.Text.RegularExpressions;
using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Dashboards.Grafana;

/// <summary>What makes dashboards sound that no schema says: places, numbers, choices, words for people.</summary>
public sealed partial class DashboardFormTests
{
    private const int Columns = 24;

    public static TheoryData<string> Uids => [.. DashboardFile.Uids];

    [Fact]
    public void The_pages_are_these_and_their_uids_stay() => DashboardFile.Uids.Should().BeEquivalentTo("gpu-captures", "gpu-device", "gpu-fabric", "gpu-fleet", "gpu-job", "gpu-node", "gpu-pipeline");

    [Theory]
    [MemberData(nameof(Uids))]
    public void The_page_is_provisioned_as_it_is(string uid)
    {
        var dashboard = Of(uid).Json;

        Path.GetFileNameWithoutExtension(Of(uid).Path).Should().Be(uid);
        dashboard.GetProperty("schemaVersion").GetInt32().Should().BeInRange(39, 42);
        dashboard.GetProperty("editable").GetBoolean().Should().BeFalse();
        dashboard.GetProperty("graphTooltip").GetInt32().Should().Be(1);
        dashboard.GetProperty("tags").EnumerateArray().Select(static tag => tag.GetString()).Should().Equal("gpu-monitor");
        dashboard.TryGetProperty("id", out _).Should().BeFalse("a number of one Grafana means another page in the next");
        dashboard.TryGetProperty("__inputs", out _).Should().BeFalse();
        var link = dashboard.GetProperty("links").EnumerateArray().Single();
        (link.GetProperty("type").GetString(), link.GetProperty("keepTime").GetBoolean(), link.GetProperty("includeVars").GetBoolean()).Should().Be(("dashboards", true, true));
    }

    [Theory]
    [MemberData(nameof(Uids))]
    public void Panels_have_numbers_of_their_own(string uid) =>
        Of(uid).Panels.Concat(Of(uid).RowPanels).Select(static panel => panel.GetProperty("id").GetInt32()).Should().OnlyHaveUniqueItems();

    [Theory]
    [MemberData(nameof(Uids))]
    public void Panels_have_titles_of_their_own(string uid) =>
        Of(uid).Panels.Select(static panel => panel.GetProperty("title").GetString()).Should().OnlyHaveUniqueItems();

    [Theory]
    [MemberData(nameof(Uids))]
    public void No_panel_lies_on_another_or_beyond_the_edge(string uid)
    {
        // A collapsed row's panels take room only while it is open, and then push down what follows.
        var open = Of(uid).Json.GetProperty("panels").EnumerateArray().ToArray();
        var groups = open.Where(static panel => panel.TryGetProperty("panels", out var inside) && inside.GetArrayLength() > 0).Select(static row => row.GetProperty("panels").EnumerateArray().Prepend(row).ToArray()).Prepend(open);
        foreach (var group in groups)
        {
            var taken = new Dictionary<(int X, int Y), string>();
            foreach (var panel in group)
            {
                var place = panel.GetProperty("gridPos");
                int Number(string name) => place.GetProperty(name).GetInt32();
                var title = panel.GetProperty("title").GetString()!;
                (Number("x") + Number("w")).Should().BeLessThanOrEqualTo(Columns, title);
                for (var x = Number("x"); x < Number("x") + Number("w"); x++)
                    for (var y = Number("y"); y < Number("y") + Number("h"); y++)
                        taken.TryAdd((x, y), title).Should().BeTrue($"\"{title}\" lies on \"{taken[(x, y)]}\" at {x}, {y}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Uids))]
    public void Every_panel_says_what_good_looks_like(string uid)
    {
        foreach (var panel in Of(uid).Panels)
        {
            var description = panel.GetProperty("description").GetString()!;
            description.Should().MatchRegex(@"[.]$", panel.GetProperty("title").GetString());
            if (panel.GetProperty("type").GetString() is "stat" or "timeseries" or "state-timeline" or "heatmap" && !description.Contains("compare", StringComparison.Ordinal))
                description.Should().Contain("Good:", panel.GetProperty("title").GetString());
        }
    }

    [Theory]
    [MemberData(nameof(Uids))]
    public void Choices_follow_the_time_shown_and_use_only_earlier_choices(string uid)
    {
        var earlier = new List<string>();
        foreach (var variable in Of(uid).Variables)
        {
            var name = variable.GetProperty("name").GetString()!;
            if (variable.GetProperty("type").GetString() == "query")
            {
                variable.GetProperty("refresh").GetInt32().Should().Be(2, name);
                variable.GetProperty("sort").GetInt32().Should().NotBe(0, name);
                var query = variable.GetProperty("query").GetProperty("query").GetString()!;
                VariableUse().Matches(query).Select(static use => use.Groups["name"].Value).Should().BeSubsetOf(earlier, $"{name}: {query}");
                // The job's nodes are named one by one, so that its panels do not read the whole cluster.
                if (variable.GetProperty("includeAll").GetBoolean() && (uid, name) != ("gpu-job", "node")) variable.GetProperty("allValue").GetString().Should().Be(".+", name);
            }
            earlier.Add(name);
        }
    }

    [Theory]
    [MemberData(nameof(Uids))]
    public void Every_choice_that_is_used_is_there(string uid)
    {
        string[] own = ["__rate_interval", "__range", "__interval", "__url_time_range", "__field", "__data", "__value"];
        VariableUse().Matches(File.ReadAllText(Of(uid).Path)).Select(static use => use.Groups["name"].Value).Distinct()
            .Should().BeSubsetOf([.. own, .. Of(uid).VariableNames, "__all"]);
    }

    [Theory]
    [MemberData(nameof(Uids))]
    public void The_first_line_answers_whether_anything_is_wrong(string uid)
    {
        Of(uid).RowPanels[0].GetProperty("title").GetString().Should().StartWith("Is ");
        Of(uid).Panels.Take(6).Should().OnlyContain(static panel => panel.GetProperty("type").GetString() == "stat");
    }

    private static DashboardFile Of(string uid) => DashboardFile.All.Single(dashboard => dashboard.Uid == uid);

    [GeneratedRegex(@"\$\{?(?<name>[a-z_][a-z_0-9]*)")]
    private static partial Regex VariableUse();
}
