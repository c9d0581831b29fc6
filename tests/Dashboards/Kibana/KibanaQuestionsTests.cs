using System.Text.Json.Nodes;
using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Dashboards.Kibana;

/// <summary>What searches and charts ask is put to a real server that holds golden documents: each question finds something.</summary>
[Collection(nameof(GoldenSearchServer))]
public sealed class KibanaQuestionsTests(GoldenSearchServer shared)
{
    private static readonly IReadOnlyList<ExportedObject> Objects = ExportedObject.ReadFile("gpu-monitoring.ndjson").Objects;

    [Fact]
    public async Task Every_search_finds_a_document_that_has_each_of_its_columns()
    {
        var server = await shared.StartedAsync();
        var views = Objects.Where(static one => one.Type == "index-pattern").ToDictionary(static one => one.Id);
        foreach (var search in Objects.Where(static one => one.Type == "search"))
        {
            var pattern = (string)views[search.References.Values.Single().Id].Attributes["title"]!;
            var query = KqlQuery.Translate((string)search.Inner("kibanaSavedObjectMeta/searchSourceJSON")["query"]!["query"]!);

            (await server.CountAsync(pattern, query)).Should().BePositive($"'{search.Id}' finds something");
            foreach (var column in search.Attributes["columns"]!.AsArray().Select(static column => (string)column!))
                (await server.CountAsync(pattern, Both(query, Has(column)))).Should().BePositive($"'{search.Id}' shows {column}");
        }
    }

    [Fact]
    public async Task Every_chart_has_groups_and_numbers()
    {
        var server = await shared.StartedAsync();
        foreach (var panel in LensPanel.Of(Objects))
        {
            var (status, answer) = await server.AskAsync("POST", $"/{panel.Pattern}/_search", panel.ToSearch().ToJsonString());

            status.Should().Be(200, $"{panel.Name}: {answer}");
            ((int)answer!["hits"]!["total"]!["value"]!).Should().BePositive($"'{panel.Name}' finds something");
            Check(panel.Name, answer!["aggregations"]!, panel.Columns);
        }
    }

    [Fact]
    public async Task Every_query_and_every_field_within_a_chart_finds_something()
    {
        var server = await shared.StartedAsync();
        foreach (var panel in LensPanel.Of(Objects))
        {
            foreach (var (id, column) in panel.Columns)
            {
                var wanted = KqlQuery.Translate(panel.Query);
                if (LensPanel.FieldOf(column) is { } field) wanted = Both(wanted, Has(field));
                if (column["filter"] is { } filter) wanted = Both(wanted, KqlQuery.Translate((string)filter["query"]!));
                (await server.CountAsync(panel.Pattern, wanted)).Should().BePositive($"'{panel.Name}' shows {id}");
            }
        }
    }

    [Fact]
    public async Task Every_control_has_values_to_choose_from()
    {
        var server = await shared.StartedAsync();
        var patterns = Objects.Where(static one => one.Type == "index-pattern").ToDictionary(static one => one.Id, static one => (string)one.Attributes["title"]!);
        foreach (var board in Objects.Where(static one => one.Type == "dashboard"))
        {
            foreach (var (id, control) in board.Inner("controlGroupInput/panelsJSON").AsObject())
            {
                var field = (string)control!["explicitInput"]!["fieldName"]!;
                var pattern = patterns[board.References[$"controlGroup_{id}:optionsListDataView"].Id];
                var body = new JsonObject { ["size"] = 0, ["aggs"] = new JsonObject { ["values"] = new JsonObject { ["terms"] = new JsonObject { ["field"] = field } } } };
                var (status, answer) = await server.AskAsync("POST", $"/{pattern}/_search", body.ToJsonString());

                status.Should().Be(200, $"{answer}");
                answer!["aggregations"]!["values"]!["buckets"]!.AsArray().Should().NotBeEmpty($"'{board.Id}' lets people choose a {field}");
            }
        }
    }

    /// <summary>Groups within groups down to the numbers, each with at least one value.</summary>
    private static void Check(string name, JsonNode level, IReadOnlyList<(string Id, JsonObject Column)> columns)
    {
        foreach (var (id, _) in columns.Where(static column => (bool)column.Column["isBucketed"]!))
        {
            var buckets = level[id]!["buckets"]!.AsArray();
            buckets.Should().NotBeEmpty($"'{name}' groups by {id}");
            // The first with documents: an interval of time may have none.
            level = buckets.First(static bucket => (int)bucket!["doc_count"]! > 0)!;
        }

        foreach (var (id, column) in columns.Where(static column => !(bool)column.Column["isBucketed"]!))
        {
            var answer = level[id] ?? throw new InvalidOperationException($"'{name}' got no {id}");
            var value = answer["value"] is JsonObject inner ? inner : answer;
            var number = value["value"] ?? value["values"]?["50.0"] ?? value["hits"]?["hits"]?[0]?["fields"] ?? value["doc_count"];
            number.Should().NotBeNull($"'{name}' shows {id}: {answer.ToJsonString()} of {column.ToJsonString()}");
        }
    }

    private static JsonObject Has(string field) => new() { ["exists"] = new JsonObject { ["field"] = field } };

    private static JsonObject Both(JsonObject first, JsonObject second) => new() { ["bool"] = new JsonObject { ["filter"] = new JsonArray(first.DeepClone(), second) } };
}
