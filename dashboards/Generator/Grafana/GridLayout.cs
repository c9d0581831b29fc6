using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>Gives panels their places: from left to right, and below the highest of a line when there is no room left.</summary>
internal sealed class GridLayout
{
    private const int Columns = 24;

    private int x;
    private int y;
    private int lineHeight;

    /// <summary>The place of a row's title.</summary>
    public JsonObject Title()
    {
        EndLine();
        var place = Place(0, y, Columns, 1);
        y++;
        return place;
    }

    /// <summary>The place of the next panel.</summary>
    public JsonObject Next(int width, int height)
    {
        if (x + width > Columns) EndLine();
        var place = Place(x, y, width, height);
        x += width;
        lineHeight = Math.Max(lineHeight, height);
        return place;
    }

    /// <summary>Goes back to where a collapsed row's panels began: what follows stands directly below its title.</summary>
    public void Collapse(int top)
    {
        (x, y, lineHeight) = (0, top, 0);
    }

    /// <summary>Where the next line begins.</summary>
    public int Top()
    {
        EndLine();
        return y;
    }

    private void EndLine()
    {
        (x, y, lineHeight) = (0, y + lineHeight, 0);
    }

    private static JsonObject Place(int x, int y, int width, int height) => new() { ["h"] = height, ["w"] = width, ["x"] = x, ["y"] = y };
}
