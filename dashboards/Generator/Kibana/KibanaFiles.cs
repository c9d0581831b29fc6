using Monitoring.Dashboards.Generator.Kibana.Boards;

namespace Monitoring.Dashboards.Generator.Kibana;

/// <summary>What Kibana and OpenSearch Dashboards import.</summary>
internal static class KibanaFiles
{
    // OpenSearch Dashboards keeps the forms that Kibana 7.10 had, and refuses what is newer.
    private static readonly Dictionary<string, string> OpenSearchVersions = new() { [SavedObjectTypes.DataView] = "7.6.0", [SavedObjectTypes.Search] = "7.9.3" };

    /// <summary>The files.</summary>
    public static IEnumerable<GeneratedFile> All()
    {
        SavedObject[] views = [.. DataViews.All.Select(static view => view.ToSavedObject())];
        SavedObject[] searches = [.. SavedSearches.All.Select(static search => search.ToSavedObject())];
        SavedObject[] boards = [.. AllBoards.All.Select(static board => board.ToSavedObject())];
        yield return new GeneratedFile("kibana/gpu-monitoring.ndjson", SavedObjectFile.ForKibana([.. views, .. searches, .. boards]));
        // Lens exists in Kibana alone, so that dashboards do not come along.
        yield return new GeneratedFile("kibana/opensearch-dashboards.ndjson", SavedObjectFile.ForOpenSearchDashboards([.. views, .. searches], OpenSearchVersions));
    }
}
