using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Primitives;

namespace Monitoring.Collector.Pages;

/// <summary>The form above a list, filled with what was asked for, and the ways to the next page and to the same as JSON.</summary>
internal sealed partial class FilterForm
{
    private const string After = "after";
    private const string Limit = "limit";

    private readonly string path;
    private readonly string api;
    private readonly Html fields = new();
    private readonly QueryCollection asked;

    /// <summary>A form for a page.</summary>
    /// <param name="path">Where the page is.</param>
    /// <param name="api">Where the same is as JSON.</param>
    /// <param name="asked">The parameters of the request.</param>
    public FilterForm(string path, string api, IQueryCollection asked)
    {
        (this.path, this.api) = (path, api);
        // Browsers send the local form of a time without zone, which the form says is UTC.
        this.asked = new QueryCollection(asked.ToDictionary(
            static one => one.Key,
            static one => one.Value is [{ } value] && LocalTime().IsMatch(value) ? new StringValues(value.Length == "2026-01-31T12:00".Length ? value + ":00Z" : value + "Z") : one.Value,
            StringComparer.Ordinal));
    }

    /// <summary>The parameters as the API has them.</summary>
    public IQueryCollection Parameters => asked;

    /// <summary>A field for words.</summary>
    public FilterForm Text(string name, string label, bool isNarrow = false)
    {
        fields.Add($"<label>{label}<input name=\"{name}\" value=\"{ValueOf(name)}\" class=\"{(isNarrow ? "narrow" : "")}\"></label>\n");
        return this;
    }

    /// <summary>A field with a choice.</summary>
    public FilterForm Choice(string name, string label, IEnumerable<string> values)
    {
        var chosen = ValueOf(name);
        fields.Add($"<label>{label}<select name=\"{name}\"><option value=\"\">any</option>");
        foreach (var value in values) fields.Add($"<option{(value == chosen ? Selected : Nothing)}>{value}</option>");
        fields.Add("</select></label>\n");
        return this;
    }

    /// <summary>Fields for the earliest and the latest time.</summary>
    public FilterForm Times()
    {
        foreach (var (name, label) in (ReadOnlySpan<(string, string)>)[("since", "since (UTC)"), ("until", "until (UTC)")])
        {
            var value = ValueOf(name);
            var isTime = DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time);
            var shown = isTime ? time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture) : "";
            fields.Add($"<label>{label}<input type=\"datetime-local\" step=\"1\" name=\"{name}\" value=\"{shown}\"></label>\n");
        }

        return this;
    }

    /// <summary>Adds the form.</summary>
    public void AddTo(Html page) =>
        page.Add($"<form action=\"{path}\" method=\"get\">\n{fields}<button>Show</button>\n<a href=\"{path}\">everything</a> <a href=\"{api + Query(without: "")}\">as JSON</a>\n</form>\n");

    /// <summary>Adds the ways to the newest and to what is older.</summary>
    /// <param name="next">What the API calls the next page; null where there is none.</param>
    public void AddPaging(Html page, string? next)
    {
        page.Add("<p>");
        if (ValueOf(After).Length > 0) page.Add($"<a href=\"{path + Query(without: After)}\">newest</a> ");
        if (next is not null) page.Add($"<a href=\"{path + Query(without: After, next)}\" rel=\"next\">older</a>");
        page.Add("</p>\n");
    }

    private static Html Nothing { get; } = new();

    private static Html Selected { get; } = Marked(" selected");

    private static Html Marked(string markup)
    {
        var html = new Html();
        html.Add(markup);
        return html;
    }

    private string ValueOf(string name) => asked[name] is [{ } value] ? value : "";

    private string Query(string without, string? after = null)
    {
        var query = new QueryBuilder(asked.Where(one => one.Key != without && one.Value is [{ Length: > 0 }]).OrderBy(static one => one.Key == Limit).ThenBy(static one => one.Key, StringComparer.Ordinal)
            .Select(static one => KeyValuePair.Create(one.Key, one.Value.ToString())));
        if (after is not null) query.Add(After, after);
        return query.ToString();
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?\z")]
    private static partial Regex LocalTime();
}
