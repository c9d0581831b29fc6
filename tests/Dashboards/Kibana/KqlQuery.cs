using System.Text.Json.Nodes;

namespace Monitoring.Tests.Dashboards.Kibana;

/// <summary>
/// Reads the part of Kibana's query language that our objects use and says it in the language of the server: <c>field: value</c>,
/// <c>field: *</c>, <c>field: (a or b)</c>, <c>and</c>, <c>or</c>, <c>not</c>, parentheses, in Kibana's order of binding.
/// </summary>
internal sealed class KqlQuery
{
    private readonly string text;
    private int position;

    private KqlQuery(string text) => this.text = text;

    /// <summary>Fields that the query names.</summary>
    internal List<string> Fields { get; } = [];

    /// <summary>The query for the server; everything for an empty one.</summary>
    /// <exception cref="FormatException">The text is not of the form above.</exception>
    internal static JsonObject Translate(string kql) => Translate(kql, out _);

    /// <summary>The same, with the fields that the query names.</summary>
    internal static JsonObject Translate(string kql, out IReadOnlyList<string> fields)
    {
        var query = new KqlQuery(kql);
        query.SkipBlanks();
        var result = query.position == kql.Length ? new JsonObject { ["match_all"] = new JsonObject() } : query.Or();
        if (query.position != kql.Length) throw query.Wrong("the end");
        fields = query.Fields;
        return result;
    }

    private JsonObject Or() => Joined("or", "should", And);

    private JsonObject And() => Joined("and", "filter", Not);

    private JsonObject Joined(string word, string clause, Func<JsonObject> part)
    {
        var parts = new List<JsonObject> { part() };
        while (Takes(word)) parts.Add(part());
        if (parts.Count == 1) return parts[0];
        var joined = new JsonObject { [clause] = new JsonArray([.. parts]) };
        if (clause == "should") joined["minimum_should_match"] = 1;
        return new JsonObject { ["bool"] = joined };
    }

    private JsonObject Not() => Takes("not") ? new JsonObject { ["bool"] = new JsonObject { ["must_not"] = new JsonArray(Not()) } } : Atom();

    private JsonObject Atom()
    {
        if (Takes('('))
        {
            var inner = Or();
            return Takes(')') ? inner : throw Wrong("')'");
        }

        var field = Word();
        Fields.Add(field);
        if (!Takes(':')) throw Wrong("':'");
        if (!Takes('(')) return Value(field);
        var values = Joined("or", "should", () => Value(field));
        return Takes(')') ? values : throw Wrong("')'");
    }

    private JsonObject Value(string field)
    {
        if (Takes('"'))
        {
            var end = text.IndexOf('"', position);
            if (end < 0) throw Wrong("'\"'");
            var phrase = text[position..end];
            position = end + 1;
            SkipBlanks();
            return new JsonObject { ["match_phrase"] = new JsonObject { [field] = phrase } };
        }

        var value = Word();
        return value == "*" ? new JsonObject { ["exists"] = new JsonObject { ["field"] = field } } : new JsonObject { ["match"] = new JsonObject { [field] = value } };
    }

    private string Word()
    {
        var start = position;
        while (position < text.Length && !char.IsWhiteSpace(text[position]) && !"():\"<>{}\\".Contains(text[position])) position++;
        var word = text[start..position];
        if (word is "" or "and" or "or" or "not" || (word.Length > 1 && word.Contains('*'))) throw Wrong("a word");
        SkipBlanks();
        return word;
    }

    private bool Takes(char sign)
    {
        if (position >= text.Length || text[position] != sign) return false;
        position++;
        if (sign != '"') SkipBlanks();
        return true;
    }

    private bool Takes(string word)
    {
        var end = position + word.Length;
        if (string.CompareOrdinal(text, position, word, 0, word.Length) != 0 || (end < text.Length && !char.IsWhiteSpace(text[end]) && text[end] != '(')) return false;
        position = end;
        SkipBlanks();
        return true;
    }

    private void SkipBlanks()
    {
        while (position < text.Length && char.IsWhiteSpace(text[position])) position++;
    }

    private FormatException Wrong(string expected) => new($"{expected} was expected at {position} of '{text}'");
}
