using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>From which value on a number has which colour.</summary>
/// <param name="Base">The colour below the first step.</param>
/// <param name="Steps">Values, rising.</param>
internal sealed record Scale(string Base, params IReadOnlyList<(double From, string Colour)> Steps)
{
    /// <summary>A number that says nothing of good and bad.</summary>
    public static Scale Plain { get; } = new(Colours.Neutral);

    /// <summary>Anything above zero is bad.</summary>
    public static Scale NoneIsGood { get; } = new(Colours.Good, (1, Colours.Bad));

    /// <summary>Anything above zero is worth a look.</summary>
    public static Scale FewAreGood { get; } = new(Colours.Good, (1, Colours.Warning));

    /// <summary>One is good, zero is bad.</summary>
    public static Scale OneIsGood { get; } = new(Colours.Bad, (1, Colours.Good));

    /// <summary>As a field holds it.</summary>
    public JsonObject Json()
    {
        var steps = new JsonArray(new JsonObject { ["color"] = Base, ["value"] = null });
        foreach (var (from, colour) in Steps) steps.Add(new JsonObject { ["color"] = colour, ["value"] = from });
        return new JsonObject { ["mode"] = "absolute", ["steps"] = steps };
    }
}
