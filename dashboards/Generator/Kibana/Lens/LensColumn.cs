using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Kibana.Lens;

/// <summary>A column of a Lens table: a field to group by, or a number over the documents of a group.</summary>
/// <param name="Key">Its id within the panel.</param>
/// <param name="Label">What stands over it.</param>
internal abstract record LensColumn(string Key, string Label)
{
    /// <summary>Whether it groups.</summary>
    public virtual bool IsBucketed => false;

    /// <summary>As Lens keeps it.</summary>
    public JsonObject ToJson()
    {
        var column = new JsonObject { ["label"] = Label, ["customLabel"] = true, ["isBucketed"] = IsBucketed };
        Describe(column);
        return column;
    }

    /// <summary>Adds what the kind of column needs.</summary>
    protected abstract void Describe(JsonObject column);
}

/// <summary>Groups by the values of a field, those with the most of another column first.</summary>
/// <param name="Field">A keyword or a number.</param>
/// <param name="Size">Groups at most.</param>
/// <param name="OrderBy">Key of the column that orders.</param>
/// <param name="IsNumber">Whether the field is a number.</param>
internal sealed record TermsColumn(string Key, string Label, string Field, int Size, string OrderBy, bool IsNumber = false) : LensColumn(Key, Label)
{
    public override bool IsBucketed => true;

    protected override void Describe(JsonObject column)
    {
        column["dataType"] = IsNumber ? "number" : "string";
        column["operationType"] = "terms";
        column["scale"] = "ordinal";
        column["sourceField"] = Field;
        column["params"] = new JsonObject
        {
            ["size"] = Size,
            ["orderBy"] = new JsonObject { ["type"] = "column", ["columnId"] = OrderBy },
            ["orderDirection"] = "desc",
            ["otherBucket"] = false,
            ["missingBucket"] = false,
            ["parentFormat"] = new JsonObject { ["id"] = "terms" },
            ["include"] = new JsonArray(),
            ["exclude"] = new JsonArray(),
            ["includeIsRegex"] = false,
            ["excludeIsRegex"] = false,
        };
    }
}

/// <summary>Groups by time, as finely as the panel has room for.</summary>
internal sealed record TimeColumn(string Key) : LensColumn(Key, "Time")
{
    public override bool IsBucketed => true;

    protected override void Describe(JsonObject column)
    {
        column["dataType"] = "date";
        column["operationType"] = "date_histogram";
        column["scale"] = "interval";
        column["sourceField"] = Fields.Timestamp;
        column["params"] = new JsonObject { ["interval"] = "auto", ["includeEmptyRows"] = true, ["dropPartials"] = false };
    }
}

/// <summary>How many documents.</summary>
/// <param name="Only">Which ones, in KQL; empty for all of the group.</param>
internal sealed record CountColumn(string Key, string Label, string Only = "") : LensColumn(Key, Label)
{
    protected override void Describe(JsonObject column)
    {
        column["dataType"] = "number";
        column["operationType"] = "count";
        column["scale"] = "ratio";
        column["sourceField"] = "___records___";
        column["params"] = new JsonObject { ["emptyAsNull"] = false };
        if (Only.Length > 0) column["filter"] = Kql.Of(Only);
    }
}

/// <summary>A number over the values of a field.</summary>
/// <param name="Operation">One of <see cref="LensOperations"/>.</param>
/// <param name="Field">A number; for the count of different values also a keyword.</param>
/// <param name="Only">Which documents, in KQL; empty for all of the group.</param>
/// <param name="Format">One of <see cref="LensFormats"/>; empty for a plain number.</param>
internal sealed record ValueColumn(string Key, string Label, string Operation, string Field, string Only = "", string Format = "") : LensColumn(Key, Label)
{
    protected override void Describe(JsonObject column)
    {
        var parameters = new JsonObject { ["emptyAsNull"] = Operation == LensOperations.Different };
        if (Format.Length > 0) parameters["format"] = new JsonObject { ["id"] = Format, ["params"] = new JsonObject { ["decimals"] = 1 } };
        column["dataType"] = "number";
        column["operationType"] = Operation;
        column["scale"] = "ratio";
        column["sourceField"] = Field;
        column["params"] = parameters;
        if (Only.Length > 0) column["filter"] = Kql.Of(Only);
    }
}

/// <summary>The newest value of a field.</summary>
/// <param name="Field">A keyword, a number or a date.</param>
/// <param name="DataType">string, number or date.</param>
internal sealed record NewestColumn(string Key, string Label, string Field, string DataType = "string") : LensColumn(Key, Label)
{
    protected override void Describe(JsonObject column)
    {
        column["dataType"] = DataType;
        column["operationType"] = "last_value";
        column["scale"] = DataType == "number" ? "ratio" : DataType == "date" ? "interval" : "ordinal";
        column["sourceField"] = Field;
        column["filter"] = Kql.Of($"{Field}: *");
        column["params"] = new JsonObject { ["sortField"] = Fields.Timestamp, ["showArrayValues"] = false };
    }
}

/// <summary>Operations of Lens over the values of a field.</summary>
internal static class LensOperations
{
    public const string Different = "unique_count";
    public const string Sum = "sum";
    public const string Average = "average";
    public const string Median = "median";
    public const string Maximum = "max";
}

/// <summary>Ways in which Lens writes numbers.</summary>
internal static class LensFormats
{
    public const string Percent = "percent";
    public const string Bytes = "bytes";
}
