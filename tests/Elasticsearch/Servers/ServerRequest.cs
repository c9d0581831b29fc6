namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>A request as a server gets it, its body whole and unpacked.</summary>
/// <param name="Method">Such as <c>POST</c>.</param>
/// <param name="Path">Such as <c>/_bulk</c>, without the query.</param>
/// <param name="Query">Parameters of the URL; one without a value has the empty one.</param>
/// <param name="ContentType">As sent; null where there was none.</param>
/// <param name="Authorization">As sent; null where there was none.</param>
/// <param name="WasCompressed">Whether the body came packed.</param>
/// <param name="Body">The body.</param>
internal sealed record ServerRequest(
    string Method, string Path, IReadOnlyDictionary<string, string> Query, string? ContentType, string? Authorization, bool WasCompressed, byte[] Body)
{
    /// <summary>Parts of the path, unescaped.</summary>
    internal string[] Segments { get; } = [.. Path.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];

    /// <summary>Whether documents are written with it.</summary>
    internal bool IsBulk => Method is "POST" or "PUT" && Segments is [.., "_bulk"];

    /// <summary>The index of the URL of a bulk request.</summary>
    internal string? IndexOfBulk => Segments is [var index, "_bulk"] ? index : null;
}
