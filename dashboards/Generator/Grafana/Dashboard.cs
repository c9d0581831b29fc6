namespace Monitoring.Dashboards.Generator.Grafana;

/// <summary>A page of Grafana.</summary>
/// <param name="Uid">What links lead to; never changed.</param>
/// <param name="Title">Its name in lists.</param>
/// <param name="Description">The question that it answers.</param>
internal sealed record Dashboard(string Uid, string Title, string Description)
{
    /// <summary>The word by which the dashboards find each other.</summary>
    internal const string Tag = "gpu-monitor";

    /// <summary>Choices at the top, in order: later ones depend on earlier ones.</summary>
    public required IReadOnlyList<Variable> Variables { get; init; }

    /// <summary>Marks over all graphs.</summary>
    public required IReadOnlyList<Annotation> Annotations { get; init; }

    /// <summary>What is on it, from top to bottom.</summary>
    public required IReadOnlyList<Row> Rows { get; init; }

    /// <summary>Time that is shown at first.</summary>
    public string From { get; init; } = "now-6h";
}

/// <summary>Panels under a title.</summary>
/// <param name="Title">What they have in common.</param>
/// <param name="Panels">Flow from left to right.</param>
/// <param name="Collapsed">True for details: nothing of it is asked until a person opens it.</param>
internal sealed record Row(string Title, IReadOnlyList<Panel> Panels, bool Collapsed = false);
