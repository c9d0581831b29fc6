using System.Reflection;
using FluentAssertions;
using Monitoring.Dashboards.Generator.Kibana;
using Xunit;

namespace Monitoring.Tests.Dashboards.Kibana;

/// <summary>Every field that an object of Kibana names is one that documents of its streams have.</summary>
public sealed class FieldsTests
{
    private static readonly IReadOnlyList<ExportedObject> Objects = ExportedObject.ReadFile("gpu-monitoring.ndjson").Objects;

    // Long sentences cannot be counted by; words can.
    private static readonly string[] Countable = ["keyword", "constant keyword", "wildcard", "date", "short", "integer", "long", "double", "boolean", "ip"];

    [Fact]
    public void The_table_of_fields_is_read() =>
        FieldTable.All.Should().HaveCountGreaterThan(100).And.ContainKey("@timestamp").And.ContainKey("gpu.xid.bucket").WhoseValue.Streams.Should().Equal("event");

    [Fact]
    public void The_generators_fields_are_in_the_table() => typeof(Fields)
        .GetFields(BindingFlags.Public | BindingFlags.Static).Select(static field => (string)field.GetValue(null)!)
        .Should().BeSubsetOf(FieldTable.All.Keys).And.OnlyHaveUniqueItems();

    [Fact]
    public void Searches_show_and_ask_for_fields_of_their_streams()
    {
        foreach (var search in Objects.Where(static one => one.Type == "search"))
        {
            var pattern = PatternOf(search.References.Values.Single().Id);
            _ = KqlQuery.Translate((string)search.Inner("kibanaSavedObjectMeta/searchSourceJSON")["query"]!["query"]!, out var asked);
            foreach (var field in asked.Concat(search.Attributes["columns"]!.AsArray().Select(static column => (string)column!))) Check(pattern, field, search.Id);
        }
    }

    [Fact]
    public void Charts_count_and_ask_for_fields_of_their_streams()
    {
        foreach (var panel in LensPanel.Of(Objects))
        {
            _ = KqlQuery.Translate(panel.Query, out var asked);
            foreach (var field in asked) Check(panel.Pattern, field, panel.Name);
            foreach (var (_, column) in panel.Columns)
            {
                if (column["filter"] is { } filter)
                {
                    _ = KqlQuery.Translate((string)filter["query"]!, out var filtered);
                    foreach (var field in filtered) Check(panel.Pattern, field, panel.Name);
                }

                if (LensPanel.FieldOf(column) is not { } source) continue;
                Check(panel.Pattern, source, panel.Name);
                FieldTable.All[source].Type.Should().BeOneOf(Countable, $"'{panel.Name}' counts by {source}");
                if ((string)column["operationType"]! != "unique_count") IsNumber(FieldTable.All[source].Type).Should().Be((string)column["dataType"]! == "number", $"'{panel.Name}' says what {source} is");
            }
        }
    }

    [Fact]
    public void Controls_and_formats_are_for_fields_of_their_streams()
    {
        foreach (var board in Objects.Where(static one => one.Type == "dashboard"))
            foreach (var (id, control) in board.Inner("controlGroupInput/panelsJSON").AsObject())
                Check(PatternOf(board.References[$"controlGroup_{id}:optionsListDataView"].Id), (string)control!["explicitInput"]!["fieldName"]!, board.Id);
        foreach (var view in Objects.Where(static one => one.Type == "index-pattern"))
            foreach (var (field, _) in view.Inner("fieldFormatMap").AsObject()) Check((string)view.Attributes["title"]!, field, view.Id);
    }

    private static string PatternOf(string view) => (string)Objects.Single(one => one.Type == "index-pattern" && one.Id == view).Attributes["title"]!;

    private static bool IsNumber(string type) => type is "short" or "integer" or "long" or "double";

    private static void Check(string pattern, string field, string who)
    {
        FieldTable.All.Should().ContainKey(field, $"'{who}' uses it");
        FieldTable.All[field].Streams.Should().Contain(FieldTable.StreamsOf(pattern), $"'{who}' uses {field} there");
    }
}
