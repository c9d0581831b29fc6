using System.Globalization;

namespace Monitoring.Collector.Query;

/// <summary>Goes through the parameters of a request: each is known, given once and readable, or the answer names it.</summary>
internal static class QueryParameters
{
    // What an answer repeats of a value that somebody sent.
    private const int ShownLength = 100;

    /// <summary>Adds a parameter to a query.</summary>
    /// <param name="query">The query so far.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="value">Its value, never empty.</param>
    /// <param name="expected">What would have been right; empty where there is no such parameter.</param>
    /// <returns>The query with it; null where it is wrong.</returns>
    public delegate T? Addition<T>(T query, string name, string value, out string expected) where T : class;

    /// <summary>The query; or null and what is wrong with which parameter.</summary>
    /// <param name="parameters">What was asked.</param>
    /// <param name="query">The query that nothing was asked of.</param>
    /// <param name="add">Adds a parameter.</param>
    /// <param name="known">The names that there are, as words.</param>
    /// <param name="error">What is wrong.</param>
    public static T? Read<T>(IQueryCollection parameters, T query, Addition<T> add, string known, out string error) where T : class
    {
        error = "";
        foreach (var (name, values) in parameters)
        {
            if (values is not [{ } value])
            {
                error = $"{name} is given {values.Count} times; give it once";
                return null;
            }

            // An empty field of a form asks for nothing.
            if (value.Length == 0) continue;
            if (add(query, name, value, out var expected) is { } next)
            {
                query = next;
                continue;
            }

            error = expected.Length == 0
                ? $"{name} is no parameter; known are {known}"
                : $"{name} is '{(value.Length <= ShownLength ? value : value[..ShownLength] + "...")}', expected {expected}";
            return null;
        }

        return query;
    }

    /// <summary>A time, as every query writes it.</summary>
    public static DateTimeOffset? Time(string value, out string expected)
    {
        expected = "a time of RFC 3339, such as 2026-01-31T12:00:00Z (a + is written %2B)";
        // The pattern first: the parser also takes dates that people of other countries would read otherwise.
        return value.Length >= "2026-01-31T12:00:00Z".Length && value[4] == '-' && value[10] is 'T' or 't' or ' '
            && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
    }

    /// <summary>What is wrong with two times; null where nothing is.</summary>
    public static string? Disorder(DateTimeOffset? since, DateTimeOffset? until) =>
        since > until ? $"since is '{since:O}', expected a time that is not after until" : null;
}
