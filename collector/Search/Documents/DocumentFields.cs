namespace Monitoring.Collector.Search.Documents;

/// <summary>
/// Every field that a document may have: the mappings of the templates, the documentation and the tests come from this table. Fields of the
/// Elastic Common Schema keep its names and types; everything else is below <c>gpu</c>. A name that was released keeps its meaning and type.
/// </summary>
internal static class DocumentFields
{
    /// <summary>Version of the Elastic Common Schema that the fields were held against.</summary>
    public const string SchemaVersion = "9.4.0";

    /// <summary>Longest value of a keyword; a longer one would be stored and not found, so it is cut.</summary>
    public const int LongestKeyword = 1024;

    /// <summary>All of them, by name within their groups.</summary>
    public static IReadOnlyList<DocumentField> All { get; } = [.. CommonSchemaFields.All, .. GpuFields.All, .. CaptureFields.All];

    /// <summary>The fields of a stream.</summary>
    public static IEnumerable<DocumentField> Of(SearchStream stream) => All.Where(field => (field.Streams & stream.Flag) != 0);
}
