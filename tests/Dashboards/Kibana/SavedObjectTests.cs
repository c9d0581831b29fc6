using System.Text.Json.Nodes;
using FluentAssertions;
using Monitoring.Dashboards.Generator.Kibana;
using Xunit;

namespace Monitoring.Tests.Dashboards.Kibana;

/// <summary>The committed files are what Kibana's import takes, as far as that can be said without a Kibana.</summary>
public sealed class SavedObjectTests
{
    private const string Everything = "gpu-monitoring.ndjson";
    private const string WithoutLens = "opensearch-dashboards.ndjson";
    private const int GridWidth = 48;

    private static readonly string[] Known = ["index-pattern", "search", "dashboard"];

    public static TheoryData<string> Files => [Everything, WithoutLens];

    public static TheoryData<string> Dashboards => [.. ExportedObject.ReadFile(Everything).Objects.Where(static one => one.Type == "dashboard").Select(static one => one.Id)];

    [Theory]
    [MemberData(nameof(Files))]
    public void The_last_line_counts_the_objects(string file)
    {
        var (objects, details) = ExportedObject.ReadFile(file);

        ((int)details["exportedCount"]!).Should().Be(objects.Count).And.BePositive();
        ((int)details["missingRefCount"]!).Should().Be(0);
        details["missingReferences"]!.AsArray().Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Ids_are_unique_and_references_resolve(string file)
    {
        var objects = ExportedObject.ReadFile(file).Objects;

        objects.Select(static one => (one.Type, one.Id)).Should().OnlyHaveUniqueItems();
        objects.Should().OnlyContain(static one => Known.Contains(one.Type));
        var there = objects.Select(static one => (one.Type, one.Id)).ToHashSet();
        foreach (var one in objects) one.References.Values.Should().BeSubsetOf(there, $"{one.Id} needs it");
    }

    [Fact]
    public void Objects_have_the_versions_of_the_oldest_Kibana_that_takes_them()
    {
        var versions = new Dictionary<string, string> { ["index-pattern"] = "8.0.0", ["search"] = "8.0.0", ["dashboard"] = "8.7.0" };

        foreach (var one in ExportedObject.ReadFile(Everything).Objects)
        {
            ((string)one.Json["coreMigrationVersion"]!).Should().Be("8.8.0");
            ((string)one.Json["typeMigrationVersion"]!).Should().Be(versions[one.Type]);
            ((bool)one.Json["managed"]!).Should().BeFalse();
        }
    }

    [Fact]
    public void OpenSearch_Dashboards_gets_the_same_data_views_and_searches_in_its_own_form()
    {
        var all = ExportedObject.ReadFile(Everything).Objects.Where(static one => one.Type != "dashboard").ToList();
        var without = ExportedObject.ReadFile(WithoutLens).Objects;

        without.Select(static one => one.Attributes.ToJsonString()).Should().Equal(all.Select(static one => one.Attributes.ToJsonString()));
        foreach (var one in without)
        {
            one.Json["migrationVersion"]!.AsObject().Should().ContainSingle().Which.Key.Should().Be(one.Type);
            one.Json.Should().NotContainKey("coreMigrationVersion").And.NotContainKey("typeMigrationVersion");
        }
    }

    [Fact]
    public void Searches_name_their_data_view_and_parse()
    {
        foreach (var search in ExportedObject.ReadFile(Everything).Objects.Where(static one => one.Type == "search"))
        {
            var source = search.Inner("kibanaSavedObjectMeta/searchSourceJSON");
            search.References.Should().ContainKey((string)source["indexRefName"]!).WhoseValue.Type.Should().Be("index-pattern");
            ((string)source["query"]!["language"]!).Should().Be("kuery");
            var translate = () => KqlQuery.Translate((string)source["query"]!["query"]!);
            translate.Should().NotThrow();
            search.Attributes["columns"]!.AsArray().Select(static column => (string)column!).Should().NotBeEmpty().And.OnlyHaveUniqueItems();
        }
    }

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void Every_reference_of_a_dashboard_is_used_and_every_use_has_one(string id)
    {
        var board = Board(id);
        var used = new HashSet<string>();
        foreach (var panel in board.Inner("panelsJSON").AsArray())
        {
            var index = (string)panel!["panelIndex"]!;
            if ((string?)panel["panelRefName"] is { } name) used.Add($"{index}:{name}");
            foreach (var layer in Layers(panel)) used.Add($"{index}:indexpattern-datasource-layer-{layer}");
            foreach (var inner in panel["embeddableConfig"]!["attributes"]?["references"]?.AsArray() ?? [])
                board.References[$"{index}:{(string)inner!["name"]!}"].Id.Should().Be((string)inner["id"]!, "the chart and the dashboard name the same data view");
        }

        foreach (var (control, _) in board.Inner("controlGroupInput/panelsJSON").AsObject()) used.Add($"controlGroup_{control}:optionsListDataView");
        board.References.Keys.Should().BeEquivalentTo(used);
    }

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void Inner_texts_parse_and_controls_are_in_order(string id)
    {
        var board = Board(id);

        board.Inner("optionsJSON")["useMargins"].Should().NotBeNull();
        board.Inner("kibanaSavedObjectMeta/searchSourceJSON")["filter"]!.AsArray().Should().BeEmpty();
        board.Inner("controlGroupInput/ignoreParentSettingsJSON").AsObject().Should().HaveCount(4);
        var controls = board.Inner("controlGroupInput/panelsJSON").AsObject();
        controls.Select(static control => (int)control.Value!["order"]!).Should().Equal(Enumerable.Range(0, controls.Count));
        controls.Should().OnlyContain(static control => (string)control.Value!["explicitInput"]!["id"]! == control.Key);
        ((bool)board.Attributes["timeRestore"]!).Should().BeTrue();
        ((string)board.Attributes["timeFrom"]!).Should().MatchRegex("^now-[0-9]+d$");
    }

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void Panels_fill_the_grid_and_do_not_overlap(string id)
    {
        var taken = new HashSet<(int X, int Y)>();
        var bottom = 0;
        foreach (var panel in Board(id).Inner("panelsJSON").AsArray())
        {
            var grid = panel!["gridData"]!;
            ((string)grid["i"]!).Should().Be((string)panel["panelIndex"]!);
            var (x, y, width, height) = ((int)grid["x"]!, (int)grid["y"]!, (int)grid["w"]!, (int)grid["h"]!);
            (x + width).Should().BeLessThanOrEqualTo(GridWidth);
            bottom = Math.Max(bottom, y + height);
            for (var column = x; column < x + width; column++)
                for (var row = y; row < y + height; row++)
                    taken.Add((column, row)).Should().BeTrue($"'{(string?)panel["title"]}' lies over another panel");
        }

        taken.Should().HaveCount(GridWidth * bottom, "no hole is left");
    }

    [Fact]
    public void What_is_drawn_are_columns_and_groups_are_ordered_by_columns()
    {
        foreach (var panel in LensPanel.Of(ExportedObject.ReadFile(Everything).Objects))
        {
            var ids = panel.Columns.Select(static column => column.Id).ToHashSet();
            Accessors(panel.Visualization).Should().NotBeEmpty(panel.Name).And.OnlyContain(id => ids.Contains(id), panel.Name);
            foreach (var (_, column) in panel.Columns.Where(static column => (string)column.Column["operationType"]! == "terms"))
                ids.Should().Contain((string)column["params"]!["orderBy"]!["columnId"]!, panel.Name);
            Accessors(panel.Visualization).Distinct().Should().HaveCount(panel.Columns.Count, $"every column of '{panel.Name}' is drawn");
        }
    }

    [Fact]
    public void Links_between_dashboards_lead_somewhere()
    {
        var objects = ExportedObject.ReadFile(Everything).Objects;
        var boards = objects.Where(static one => one.Type == "dashboard").ToList();

        foreach (var text in boards.SelectMany(static board => board.Inner("panelsJSON").AsArray()).Select(static panel => (string?)panel!["embeddableConfig"]!["savedVis"]?["params"]?["markdown"]).OfType<string>())
            foreach (var board in boards) text.Should().Contain($"(#/view/{board.Id})");
    }

    [Fact]
    public void Ids_follow_from_names_alone()
    {
        StableId.Of("panel", "audit", "Who asked").Should().Be("7de96ceb-89e8-822c-8abd-014fb23e3e39");
        StableId.Of("panel", "a", "b").Should().NotBe(StableId.Of("panel", "ab")).And.MatchRegex("^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$");
    }

    private static ExportedObject Board(string id) => ExportedObject.ReadFile(Everything).Objects.Single(one => one.Type == "dashboard" && one.Id == id);

    private static IEnumerable<string> Layers(JsonNode panel) =>
        panel["embeddableConfig"]!["attributes"]?["state"]!["datasourceStates"]!["formBased"]!["layers"]!.AsObject().Select(static layer => layer.Key) ?? [];

    /// <summary>The columns that a drawing names.</summary>
    private static IEnumerable<string> Accessors(JsonNode? node) => node switch
    {
        JsonObject fields => fields.SelectMany(static field => field.Key switch
        {
            "metricAccessor" or "xAccessor" or "splitAccessor" or "columnId" => [(string)field.Value!],
            "accessors" or "primaryGroups" or "metrics" => field.Value!.AsArray().Select(static id => (string)id!),
            _ => Accessors(field.Value),
        }),
        JsonArray items => items.SelectMany(Accessors),
        _ => [],
    };
}
