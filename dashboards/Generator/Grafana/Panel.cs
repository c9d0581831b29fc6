using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>A rectangle with one answer.</summary>
/// <param name="Type">Grafana's name of the kind.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Description">What good and bad look like, behind the title.</param>
/// <param name="Targets">What it asks.</param>
internal abstract record Panel(string Type, string Title, string Description, IReadOnlyList<Target> Targets)
{
    /// <summary>Of 24 columns.</summary>
    public int Width { get; init; } = 8;

    /// <summary>In rows of 30 pixels.</summary>
    public int Height { get; init; } = 8;

    /// <summary>One of <see cref="Units"/>.</summary>
    public string Unit { get; init; } = Units.Count;

    /// <summary>Digits after the point; null for as many as fit.</summary>
    public int? Decimals { get; init; }

    /// <summary>Lowest value of the axis.</summary>
    public double? Minimum { get; init; }

    /// <summary>Highest value of the axis.</summary>
    public double? Maximum { get; init; }

    /// <summary>Colours of values.</summary>
    public Scale Scale { get; init; } = Scale.Plain;

    /// <summary>Words for values.</summary>
    public ValueNames? Names { get; init; }

    /// <summary>Where a value leads.</summary>
    public IReadOnlyList<DrillDown> Links { get; init; } = [];

    /// <summary>What differs for some of its fields.</summary>
    public IReadOnlyList<FieldOverride> Overrides { get; init; } = [];

    /// <summary>How values get their colour: <c>thresholds</c> or <c>palette-classic</c>.</summary>
    protected virtual string ColourMode => "thresholds";

    /// <summary>What the kind draws.</summary>
    protected abstract JsonObject Options();

    /// <summary>What the kind says of each field.</summary>
    protected virtual JsonObject Custom() => [];

    /// <summary>What is done with the answers before they are drawn.</summary>
    protected virtual JsonArray Transformations() => [];

    /// <summary>Overrides that follow from what the panel is.</summary>
    protected virtual IEnumerable<FieldOverride> OwnOverrides() => [];

    /// <summary>As the dashboard holds it.</summary>
    /// <param name="id">Its number in the dashboard.</param>
    /// <param name="place">Where it is.</param>
    public JsonObject Json(int id, JsonObject place)
    {
        var json = new JsonObject
        {
            ["id"] = id,
            ["type"] = Type,
            ["title"] = Title,
            ["description"] = Description,
            ["datasource"] = Targets[0].Source.Json(),
            ["gridPos"] = place,
            ["fieldConfig"] = new JsonObject
            {
                ["defaults"] = Defaults(),
                ["overrides"] = new JsonArray([.. Overrides.Concat(OwnOverrides()).Select(static one => one.Json())]),
            },
            ["options"] = Options(),
            ["targets"] = new JsonArray([.. Targets.Select(static (target, number) => target.Json(ReferenceOf(number)))]),
        };
        if (Transformations() is { Count: > 0 } transformations) json["transformations"] = transformations;
        return json;
    }

    /// <summary>The letter of a target.</summary>
    internal static string ReferenceOf(int number) => ((char)('A' + number)).ToString();

    private JsonObject Defaults()
    {
        var defaults = new JsonObject { ["unit"] = Unit };
        if (Decimals is { } decimals) defaults["decimals"] = decimals;
        if (Minimum is { } minimum) defaults["min"] = minimum;
        if (Maximum is { } maximum) defaults["max"] = maximum;
        defaults["color"] = new JsonObject { ["mode"] = ColourMode };
        defaults["thresholds"] = Scale.Json();
        defaults["mappings"] = Names?.Json() ?? [];
        if (Links.Count > 0) defaults["links"] = new JsonArray([.. Links.Select(static link => link.Json())]);
        defaults["custom"] = Custom();
        return defaults;
    }
}

/// <summary>What differs for one field of a panel.</summary>
/// <param name="Field">Its name as it is shown, or a pattern between slashes.</param>
internal sealed record FieldOverride(string Field)
{
    /// <summary>Properties by Grafana's ids.</summary>
    public required IReadOnlyList<(string Id, JsonNode Value)> Properties { get; init; }

    /// <summary>A limit: drawn as a dashed red line that nothing fills.</summary>
    public static FieldOverride Limit(string field) => new(field)
    {
        Properties =
        [
            ("color", new JsonObject { ["mode"] = "fixed", ["fixedColor"] = Colours.Bad }), ("custom.fillOpacity", 0),
            ("custom.lineStyle", new JsonObject { ["fill"] = "dash", ["dash"] = new JsonArray(8, 8) }),
        ],
    };

    /// <summary>As the panel holds it.</summary>
    public JsonObject Json() => new()
    {
        ["matcher"] = new JsonObject { ["id"] = Field.StartsWith('/') ? "byRegexp" : "byName", ["options"] = Field },
        ["properties"] = new JsonArray([.. Properties.Select(static one => new JsonObject { ["id"] = one.Id, ["value"] = one.Value.DeepClone() })]),
    };
}
