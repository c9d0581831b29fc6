using System.Globalization;

namespace Monitoring.Collector.Search.Documents;

/// <summary>Which index a document is created in, and how it is called in links.</summary>
/// <param name="Namespace">The last part of the streams' names.</param>
/// <param name="Links">Address of the collector in links, without a slash at the end; empty for no links.</param>
internal sealed record DocumentPlaces(string Namespace, string Links = "")
{
    /// <summary>The name for searches: the alias of all indices of a stream.</summary>
    public string Alias(SearchStream stream) => $"logs-{stream.Dataset}-{Namespace}";

    /// <summary>What the names of a stream's indices begin with.</summary>
    public string IndexPrefix(SearchStream stream) => Alias(stream) + "-";

    /// <summary>
    /// The index of a document of this time. It follows from the time alone, so that a document that is sent again, also after days, meets
    /// itself; the form is that of which servers read the age of an index from its name.
    /// </summary>
    public string Index(SearchStream stream, DateTimeOffset time)
    {
        var day = time.UtcDateTime;
        return string.Create(CultureInfo.InvariantCulture, $"{IndexPrefix(stream)}{day.Year:0000}.{day.Month:00}.{(stream.IsDaily ? day.Day : 1):00}-000001");
    }

    /// <summary>The day from which on an index of a stream holds documents, by its name; null for another name.</summary>
    public DateOnly? DayOf(SearchStream stream, string index)
    {
        var prefix = IndexPrefix(stream);
        const int DateLength = 10; // yyyy.MM.dd
        if (!index.StartsWith(prefix, StringComparison.Ordinal) || index.Length <= prefix.Length + DateLength || index[prefix.Length + DateLength] != '-') return null;
        // What a person rolled over by hand has another number at the end.
        if (index.AsSpan(prefix.Length + DateLength + 1).ContainsAnyExceptInRange('0', '9')) return null;
        return DateOnly.TryParseExact(index.AsSpan(prefix.Length, DateLength), "yyyy.MM.dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
    }

    /// <summary>A link to something of the collector; null where it has no address.</summary>
    public string? Link(string path) => Links.Length == 0 ? null : Links + path;
}
