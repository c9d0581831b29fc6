using System.Text.Json.Nodes;

namespace Monitoring.Tests.Dashboards.Kibana;

/// <summary>A chart as it stands in a committed dashboard, and the question that it puts to the server.</summary>
/// <param name="Name">Dashboard and title.</param>
/// <param name="Pattern">Where it looks.</param>
/// <param name="Query">Its KQL.</param>
/// <param name="Columns">Its columns by id, in their order.</param>
/// <param name="Visualization">How they are drawn.</param>
internal sealed record LensPanel(string Name, string Pattern, string Query, IReadOnlyList<(string Id, JsonObject Column)> Columns, JsonObject Visualization)
{
    private const string Records = "___records___";

    /// <summary>Every chart of the dashboards of a file.</summary>
    internal static IEnumerable<LensPanel> Of(IReadOnlyList<ExportedObject> objects)
    {
        var patterns = objects.Where(static one => one.Type == "index-pattern").ToDictionary(static one => one.Id, static one => (string)one.Attributes["title"]!);
        foreach (var board in objects.Where(static one => one.Type == "dashboard"))
        {
            foreach (var panel in board.Inner("panelsJSON").AsArray().Where(static panel => (string)panel!["type"]! == "lens"))
            {
                var attributes = panel!["embeddableConfig"]!["attributes"]!;
                var (layer, content) = attributes["state"]!["datasourceStates"]!["formBased"]!["layers"]!.AsObject().Single();
                var view = board.References[$"{(string)panel["panelIndex"]!}:indexpattern-datasource-layer-{layer}"].Id;
                yield return new LensPanel(
                    $"{board.Id}: {(string)panel["title"]!}",
                    patterns[view],
                    (string)attributes["state"]!["query"]!["query"]!,
                    [.. content!["columnOrder"]!.AsArray().Select(id => ((string)id!, content["columns"]![(string)id!]!.AsObject()))],
                    attributes["state"]!["visualization"]!.AsObject());
            }
        }
    }

    /// <summary>Field of a column; null where it counts documents.</summary>
    internal static string? FieldOf(JsonObject column) => (string)column["sourceField"]! is var field && field == Records ? null : field;

    /// <summary>A search whose aggregations are the columns: groups within groups, the numbers in the innermost.</summary>
    internal JsonObject ToSearch()
    {
        var groups = Columns.Where(static column => (bool)column.Column["isBucketed"]!).ToList();
        var numbers = Columns.Except(groups).ToList();
        var innermost = new JsonObject();
        foreach (var (id, column) in numbers) innermost[id] = Filtered(column, Number(column));
        var aggregations = innermost;
        foreach (var (id, column) in Enumerable.Reverse(groups))
        {
            var group = Group(column);
            // As Lens does: the number by which groups are ordered is asked for on every level.
            if (Ordering(column) is { } order && numbers.SingleOrDefault(number => number.Id == order) is { Column: { } ordering } && !aggregations.ContainsKey(order))
                aggregations[order] = Filtered(ordering, Number(ordering));
            group["aggs"] = aggregations;
            aggregations = new JsonObject { [id] = group };
        }

        return new JsonObject { ["size"] = 0, ["track_total_hits"] = true, ["query"] = KqlQuery.Translate(Query), ["aggs"] = aggregations };
    }

    private static string? Ordering(JsonObject column) => (string?)column["params"]!["orderBy"]?["columnId"];

    private JsonObject Group(JsonObject column)
    {
        var field = FieldOf(column)!;
        if ((string)column["operationType"]! == "date_histogram") return new JsonObject { ["date_histogram"] = new JsonObject { ["field"] = field, ["fixed_interval"] = "1h" } };
        var order = Ordering(column)!;
        var ordering = Columns.Single(one => one.Id == order).Column;
        // A filter around a number is a step of the path; one around nothing is ordered by its count of documents.
        var path = ordering["filter"] is not null && Number(ordering) is not null ? $"{order}>value" : order;
        var terms = new JsonObject { ["field"] = field, ["size"] = (int)column["params"]!["size"]!, ["order"] = new JsonObject { [path] = "desc" } };
        return new JsonObject { ["terms"] = terms };
    }

    private static JsonObject Filtered(JsonObject column, JsonObject? number)
    {
        var filter = column["filter"]?["query"] is { } query ? KqlQuery.Translate((string)query!) : null;
        if (number is null) return new JsonObject { ["filter"] = filter ?? KqlQuery.Translate("") };
        return filter is null ? number : new JsonObject { ["filter"] = filter, ["aggs"] = new JsonObject { ["value"] = number } };
    }

    /// <summary>The aggregation of a number; null for the count of documents.</summary>
    private static JsonObject? Number(JsonObject column)
    {
        var field = FieldOf(column);
        return (string)column["operationType"]! switch
        {
            "count" => null,
            "unique_count" => Of("cardinality", field),
            "sum" => Of("sum", field),
            "average" => Of("avg", field),
            "max" => Of("max", field),
            "median" => Of("percentiles", field),
            "last_value" => new JsonObject
            {
                ["top_hits"] = new JsonObject
                {
                    ["size"] = 1, ["_source"] = false, ["docvalue_fields"] = new JsonArray(field), ["sort"] = new JsonArray(new JsonObject { ["@timestamp"] = "desc" }),
                },
            },
            var other => throw new NotSupportedException($"{other} is no operation that our charts use"),
        };
    }

    private static JsonObject Of(string name, string? field) => new() { [name] = new JsonObject { ["field"] = field } };
}
