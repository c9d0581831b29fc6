using System.Globalization;

namespace Monitoring.Tests.Dashboards.Logstash;

/// <summary>A plugin of a pipeline with its settings; a value is a string, a number, a list, a map or a plugin.</summary>
internal sealed record PipelinePlugin(string Section, string Condition, string Name, IReadOnlyDictionary<string, object> Settings);

/// <summary>
/// Reads the form of a Logstash pipeline: <c>section { plugin { name => value } if condition { ... } else { ... } }</c>. Conditions are kept as
/// text; Logstash itself reads them.
/// </summary>
internal sealed class PipelineFile
{
    // Deeper than any pipeline, and shallow enough for the stack.
    private const int DeepestNesting = 64;

    private readonly string text;
    private readonly List<PipelinePlugin> plugins = [];
    private int position;
    private int depth;

    private PipelineFile(string text) => this.text = text;

    /// <summary>The plugins in their order.</summary>
    /// <exception cref="FormatException">It is no pipeline.</exception>
    internal static IReadOnlyList<PipelinePlugin> Parse(string text)
    {
        var file = new PipelineFile(text);
        for (file.Skip(); file.position < text.Length; file.Skip())
        {
            var section = file.Bare();
            if (section is not ("input" or "filter" or "output")) throw file.Wrong("input, filter or output");
            file.Block(section, "");
        }

        return file.plugins;
    }

    private void Block(string section, string condition)
    {
        if (++depth > DeepestNesting) throw Wrong("less nesting");
        Expect("{");
        var not = "";
        while (!Takes("}"))
        {
            var name = Bare();
            switch (name)
            {
                case "if":
                    not = Condition();
                    Block(section, $"{condition}{not}");
                    break;
                case "else" when not.Length > 0:
                    var more = TakesWord("if") ? Condition() : "";
                    Block(section, $"{condition}!({not}){more}");
                    break;
                default:
                    plugins.Add(new PipelinePlugin(section, condition, name, Settings()));
                    not = "";
                    break;
            }
        }

        depth--;
    }

    private string Condition()
    {
        Skip();
        var start = position;
        while (position < text.Length && text[position] is not ('{' or '}'))
        {
            if (text[position] is '"' or '\'') Quoted();
            else position++;
        }

        var condition = text[start..position].Trim();
        return condition.Length > 0 ? condition : throw Wrong("a condition");
    }

    private Dictionary<string, object> Settings()
    {
        if (++depth > DeepestNesting) throw Wrong("less nesting");
        var settings = new Dictionary<string, object>();
        Expect("{");
        while (!Takes("}"))
        {
            var name = Peek() is '"' or '\'' ? Quoted() : Bare();
            Expect("=>");
            if (!settings.TryAdd(name, Value())) throw Wrong($"'{name}' once");
        }

        depth--;
        return settings;
    }

    private object Value()
    {
        switch (Peek())
        {
            case '"' or '\'': return Quoted();
            case '{': return Settings();
            case '[': return List();
            case '-' or (>= '0' and <= '9'): return Number();
        }

        var word = Bare();
        return Peek() == '{' ? new PipelinePlugin("", "", word, Settings()) : word;
    }

    private List<object> List()
    {
        if (++depth > DeepestNesting) throw Wrong("less nesting");
        var list = new List<object>();
        Expect("[");
        while (!Takes("]"))
        {
            if (list.Count > 0) Expect(",");
            list.Add(Value());
        }

        depth--;
        return list;
    }

    private double Number()
    {
        var start = position;
        while (position < text.Length && (char.IsAsciiDigit(text[position]) || text[position] is '.' or '-')) position++;
        return double.TryParse(text.AsSpan(start, position - start), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong("a number");
    }

    private string Quoted()
    {
        var quote = text[position++];
        var start = position;
        while (position < text.Length && text[position] != quote) position += text[position] == '\\' ? 2 : 1;
        if (position >= text.Length) throw Wrong("the end of a string");
        return text[start..position++];
    }

    private string Bare()
    {
        Skip();
        var start = position;
        while (position < text.Length && (char.IsAsciiLetterOrDigit(text[position]) || text[position] is '_' or '-')) position++;
        return position > start ? text[start..position] : throw Wrong("a name");
    }

    private char Peek()
    {
        Skip();
        return position < text.Length ? text[position] : '\0';
    }

    private void Expect(string sign)
    {
        if (!Takes(sign)) throw Wrong($"'{sign}'");
    }

    private bool Takes(string sign)
    {
        Skip();
        if (!text.AsSpan(position).StartsWith(sign)) return false;
        position += sign.Length;
        return true;
    }

    private bool TakesWord(string word)
    {
        Skip();
        if (!text.AsSpan(position).StartsWith(word) || position + word.Length >= text.Length || !char.IsWhiteSpace(text[position + word.Length])) return false;
        position += word.Length;
        return true;
    }

    private void Skip()
    {
        while (position < text.Length && (char.IsWhiteSpace(text[position]) || text[position] == '#'))
        {
            if (text[position] == '#') position = text.IndexOf('\n', position) is var end and >= 0 ? end : text.Length;
            else position++;
        }
    }

    private FormatException Wrong(string expected) => new($"{expected} was expected in line {text.AsSpan(0, Math.Min(position, text.Length)).Count('\n') + 1}");
}
