using System.Text.Json.Nodes;

namespace Monitoring.Dashboards.Generator.Kibana;

/// <summary>An object as Kibana exports and imports it: one line of an ndjson file.</summary>
/// <param name="Type">Such as <c>dashboard</c>.</param>
/// <param name="Id">The same in every version of this file.</param>
/// <param name="TypeVersion">The form of the attributes, see <see cref="SavedObjectVersions"/>.</param>
/// <param name="Attributes">What it holds.</param>
/// <param name="References">The objects that it needs.</param>
internal sealed record SavedObject(string Type, string Id, string TypeVersion, JsonObject Attributes, IReadOnlyList<SavedReference> References);

/// <summary>One object's need of another.</summary>
/// <param name="Name">How the attributes speak of it.</param>
/// <param name="Type">Type of the object that is needed.</param>
/// <param name="Id">Its id.</param>
internal sealed record SavedReference(string Name, string Type, string Id)
{
    /// <summary>The reference to a data view under a name.</summary>
    public static SavedReference To(DataView view, string name) => new(name, SavedObjectTypes.DataView, view.Id);
}

/// <summary>Types of saved objects, by Kibana's names.</summary>
internal static class SavedObjectTypes
{
    public const string DataView = "index-pattern";
    public const string Search = "search";
    public const string Dashboard = "dashboard";
}

/// <summary>
/// The forms in which objects are written: those of Kibana 8.8. Kibana takes what is as old as itself or older and brings it up to date,
/// and refuses what is newer; so these are to be raised only with the oldest Kibana that is supported.
/// </summary>
internal static class SavedObjectVersions
{
    public const string Core = "8.8.0";
    public const string DataView = "8.0.0";
    public const string Search = "8.0.0";
    public const string Dashboard = "8.7.0";

    /// <summary>Of the panels within a dashboard, which have migrations of their own.</summary>
    public const string Panel = "8.8.0";
}
