using System.Globalization;
using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>Numbers that stand for states, with the word and the colour of each.</summary>
internal sealed record ValueNames(params IReadOnlyList<(double Value, string Text, string Colour)> Names)
{
    /// <summary>Health as the agent judges it.</summary>
    public static ValueNames Health { get; } = new((0, "healthy", Colours.Good), (1, "degraded", Colours.Warning), (2, "unhealthy", Colours.Bad));

    /// <summary>The worst reason that holds the clocks down, as <see cref="Selectors.WorstThrottle"/> numbers them.</summary>
    public static ValueNames Throttle { get; } = new(
        (0, "none", Colours.Unseen), (1, "sync boost", Colours.Quiet), (2, "software power cap", Colours.Neutral), (3, "software thermal", Colours.Warning),
        (4, "hardware slowdown", "dark-orange"), (5, "hardware thermal", Colours.Bad), (6, "power brake", Colours.Power));

    /// <summary>A link or a port.</summary>
    public static ValueNames UpDown { get; } = new((0, "down", Colours.Bad), (1, "up", Colours.Good));

    /// <summary>Something that is either so or not, and bad if so.</summary>
    public static ValueNames BadIfSo { get; } = new((0, "no", Colours.Good), (1, "yes", Colours.Bad));

    /// <summary>Something that is either so or not.</summary>
    public static ValueNames YesOrNo { get; } = new((0, "no", Colours.Quiet), (1, "yes", Colours.Neutral));

    /// <summary>As a field holds it.</summary>
    public JsonArray Json()
    {
        var options = new JsonObject();
        foreach (var ((value, text, colour), place) in Names.Select(static (name, place) => (name, place)))
            options[value.ToString(CultureInfo.InvariantCulture)] = new JsonObject { ["color"] = colour, ["index"] = place, ["text"] = text };
        return new JsonArray(new JsonObject { ["type"] = "value", ["options"] = options });
    }
}
