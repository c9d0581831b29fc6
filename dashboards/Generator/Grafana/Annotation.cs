using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>Marks over the graphs of a dashboard.</summary>
/// <param name="Name">Beside the switch that hides them.</param>
/// <param name="Colour">Of the marks.</param>
internal abstract record Annotation(string Name, string Colour)
{
    /// <summary>As the dashboard holds it.</summary>
    public abstract JsonObject Json();

    /// <summary>What Grafana itself keeps: remarks that people write on a graph.</summary>
    public static JsonObject BuiltIn() => new()
    {
        ["builtIn"] = 1,
        ["datasource"] = new JsonObject { ["type"] = "grafana", ["uid"] = "-- Grafana --" },
        ["enable"] = true,
        ["hide"] = true,
        ["iconColor"] = "rgba(0, 211, 255, 1)",
        ["name"] = "Annotations & Alerts",
        ["type"] = "dashboard",
    };

    /// <summary>What every kind has.</summary>
    protected JsonObject Head(DataSource source) => new() { ["datasource"] = source.Json(), ["enable"] = true, ["hide"] = false, ["iconColor"] = Colour, ["name"] = Name };
}

/// <summary>A mark wherever a series of Prometheus is not zero.</summary>
/// <param name="Expression">PromQL.</param>
/// <param name="Heading">First line of the mark; <c>{{label}}</c> stands for a label.</param>
/// <param name="Text">The rest of it; HTML, with links.</param>
/// <param name="Tags">Labels that are shown as tags.</param>
internal sealed record SeriesAnnotation(string Name, string Colour, string Expression, string Heading, string Text, string Tags) : Annotation(Name, Colour)
{
    /// <inheritdoc/>
    public override JsonObject Json()
    {
        var json = Head(DataSource.Prometheus);
        json["target"] = new JsonObject { ["expr"] = Expression, ["interval"] = "", ["refId"] = "Anno" };
        json["titleFormat"] = Heading;
        json["textFormat"] = Text;
        json["tagKeys"] = Tags;
        json["useValueForTime"] = false;
        return json;
    }
}

/// <summary>A mark for every document of Elasticsearch.</summary>
/// <param name="Query">In Lucene's language.</param>
/// <param name="TextField">The field that is shown.</param>
/// <param name="TagsField">The field whose values are shown as tags.</param>
internal sealed record DocumentAnnotation(string Name, string Colour, string Query, string TextField, string TagsField) : Annotation(Name, Colour)
{
    /// <inheritdoc/>
    public override JsonObject Json()
    {
        var json = Head(DataSource.Elasticsearch);
        json["target"] = new JsonObject { ["query"] = Query, ["refId"] = "Anno" };
        json["timeField"] = "@timestamp";
        json["textField"] = TextField;
        json["tagsField"] = TagsField;
        return json;
    }
}
