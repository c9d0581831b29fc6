namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>Which product a server is, and where its answers differ from those of the others.</summary>
/// <param name="Product">Elasticsearch or OpenSearch.</param>
/// <param name="Version">Such as <c>8.17.0</c>.</param>
internal sealed record ServerFlavour(string Product, string Version)
{
    internal static ServerFlavour Elasticsearch7 { get; } = new("Elasticsearch", "7.17.6");

    internal static ServerFlavour Elasticsearch8 { get; } = new("Elasticsearch", "8.17.0");

    internal static ServerFlavour Elasticsearch9 { get; } = new("Elasticsearch", "9.1.0");

    internal static ServerFlavour OpenSearch2 { get; } = new("OpenSearch", "2.19.1");

    internal static IReadOnlyList<ServerFlavour> All { get; } = [Elasticsearch7, Elasticsearch8, Elasticsearch9, OpenSearch2];

    internal bool IsOpenSearch => Product == "OpenSearch";

    internal int Major { get; } = int.Parse(Version.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Types of documents were taken out of answers with 8, and by OpenSearch with 2.</summary>
    internal bool ShowsTypes => Product == "Elasticsearch" && Major == 7;

    /// <summary>What the error of a document that does not fit the mapping is called.</summary>
    internal string ParsingError => IsOpenSearch || Major < 8 ? "mapper_parsing_exception" : "document_parsing_exception";

    /// <summary>What the error of a full write queue is called.</summary>
    internal string RejectionError => IsOpenSearch ? "rejected_execution_exception" : "es_rejected_execution_exception";

    /// <summary>Header that official clients insist on since 7.14.</summary>
    internal (string, string)[] Headers => IsOpenSearch ? [] : [("X-Elastic-Product", "Elasticsearch")];

    /// <summary>Whether a body of this type is taken; clients of 8 send the type of the vendor, which names the version it is compatible with.</summary>
    internal bool Takes(string? contentType)
    {
        if (contentType is null) return false;
        var parts = contentType.Split(';', StringSplitOptions.TrimEntries);
        if (parts[0] is "application/json" or "application/x-ndjson") return true;
        if (IsOpenSearch || parts[0] is not ("application/vnd.elasticsearch+json" or "application/vnd.elasticsearch+x-ndjson")) return false;
        var with = parts.FirstOrDefault(static part => part.StartsWith("compatible-with=", StringComparison.Ordinal))?["compatible-with=".Length..];
        return int.TryParse(with, System.Globalization.CultureInfo.InvariantCulture, out var major) && (major == Major || (Major >= 8 && major == Major - 1));
    }

    public override string ToString() => $"{Product} {Version}";
}
