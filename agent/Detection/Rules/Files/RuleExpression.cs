using System.Globalization;
using System.Text;

namespace Monitoring.Agent.Detection.Rules.Files;

/// <summary>A series as it is written in a rule, before the metric table was asked.</summary>
internal sealed record SelectorText(string Metric, IReadOnlyList<LabelMatcher> Matchers);

/// <summary>A comparison as it is written: <c>&gt; 0.01</c>, or <c>&lt; 0.85 * metric{label="value"} + 5</c>.</summary>
internal sealed record ComparisonText(Comparison Comparison, double Number, SelectorText? Series, double Factor, double Offset);

/// <summary>
/// The few texts inside a rule that are no YAML: series as Prometheus writes them, and comparisons. What is not understood is said
/// with the character it starts at, counted from 1 within the text.
/// </summary>
internal sealed class RuleExpression
{
    internal const string SeriesForm = "a metric with conditions on its labels, such as gpu_throttle_active{reason=\"hw_thermal\"}";
    internal const string ComparisonForm = "a comparison such as \"> 0.5\" or \"< 0.85 * gpu_clock_max_hertz{domain=\\\"sm\\\"} + 5\"; operators are >, >=, <, <=, == and !=";
    private const int MaximumMatchers = 10;
    private const int MaximumPattern = 200;

    private readonly string text;
    private int at;
    private string problem = "";

    private RuleExpression(string text) => this.text = text;

    /// <summary>Reads a series.</summary>
    /// <param name="problem">What is wrong where null is returned; empty otherwise.</param>
    internal static SelectorText? ReadSeries(string text, out string problem)
    {
        var reader = new RuleExpression(text);
        var series = reader.Selector();
        if (series is not null && !reader.AtEnd()) series = reader.Fail<SelectorText>("nothing may follow the series");
        problem = reader.problem;
        return series;
    }

    /// <summary>Reads a comparison.</summary>
    /// <param name="problem">What is wrong where null is returned; empty otherwise.</param>
    internal static ComparisonText? ReadComparison(string text, out string problem)
    {
        var reader = new RuleExpression(text);
        var comparison = reader.WholeComparison();
        problem = reader.problem;
        return comparison;
    }

    private ComparisonText? WholeComparison()
    {
        if (Operator() is not { } comparison) return Fail<ComparisonText>("expected >, >=, <, <=, == or != ");
        Skip();
        var factor = 1.0;
        if (at < text.Length && !IsNameStart(text[at]))
        {
            if (Number() is not { } number) return null;
            if (AtEnd()) return new ComparisonText(comparison, number, null, 1, 0);
            if (!Take('*')) return Fail<ComparisonText>("expected the end, or * and a series");
            factor = number;
        }
        if (Selector() is not { } series) return null;
        var offset = 0.0;
        if (!AtEnd())
        {
            var sign = Take('+') ? 1 : Take('-') ? -1 : 0;
            if (sign == 0) return Fail<ComparisonText>("expected the end, or + or - and a number");
            if (Number() is not { } number) return null;
            offset = sign * number;
            if (!AtEnd()) return Fail<ComparisonText>("nothing may follow the number");
        }
        return new ComparisonText(comparison, 0, series, factor, offset);
    }

    private SelectorText? Selector()
    {
        Skip();
        if (Name() is not { } metric) return Fail<SelectorText>("expected the name of a metric");
        List<LabelMatcher> matchers = [];
        if (!Take('{')) return new SelectorText(metric, matchers);
        while (!Take('}'))
        {
            if (matchers.Count == MaximumMatchers) return Fail<SelectorText>($"more than {MaximumMatchers} conditions");
            if (Matcher() is not { } matcher) return null;
            matchers.Add(matcher);
            if (!Take(',') && !Peek('}')) return Fail<SelectorText>("expected , or }");
        }
        return new SelectorText(metric, matchers);
    }

    private LabelMatcher? Matcher()
    {
        Skip();
        if (Name() is not { } label) return Fail<LabelMatcher>("expected the name of a label");
        var negate = Take('!');
        var pattern = false;
        if (negate) { if (!TakeNext('=')) { if (!TakeNext('~')) return Fail<LabelMatcher>("expected =, !=, =~ or !~"); pattern = true; } }
        else { if (!Take('=')) return Fail<LabelMatcher>("expected =, !=, =~ or !~"); pattern = TakeNext('~'); }
        Skip();
        var start = at;
        if (Quoted() is not { } value) return null;
        if (pattern && PatternProblem(value) is { } wrong) { at = start; return Fail<LabelMatcher>(wrong); }
        return new LabelMatcher(label, value, negate, pattern);
    }

    private static string? PatternProblem(string value)
    {
        if (value.Length > MaximumPattern) return $"a pattern has at most {MaximumPattern} characters";
        try
        {
            _ = new LabelPattern(value);
            return null;
        }
        catch (ArgumentException mistake)
        {
            return $"no regular expression: {mistake.Message}";
        }
        catch (NotSupportedException)
        {
            return "a pattern may not look around or refer back, and may not be huge";
        }
    }

    private string? Quoted()
    {
        if (at == text.Length || text[at] is not ('"' or '\'')) return Fail<string>("expected a value in quotes");
        var quote = text[at++];
        var value = new StringBuilder();
        while (at < text.Length && text[at] != quote)
        {
            if (text[at] != '\\') { value.Append(text[at++]); continue; }
            if (at + 1 == text.Length || text[at + 1] is not ('\\' or '"' or '\'' or 'n')) return Fail<string>("a backslash stands before \\, a quote or n only; write it twice");
            value.Append(text[at + 1] == 'n' ? '\n' : text[at + 1]);
            at += 2;
        }
        if (at == text.Length) return Fail<string>("the quotes are never closed");
        at++;
        return value.ToString();
    }

    private double? Number()
    {
        Skip();
        var start = at;
        if (Peek('-')) at++;
        while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.')) at++;
        if (at < text.Length && text[at] is 'e' or 'E' && at + 1 < text.Length && (char.IsAsciiDigit(text[at + 1]) || text[at + 1] is '-' or '+'))
        {
            at += 2;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
        }
        if (!double.TryParse(text.AsSpan(start, at - start), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
        {
            at = start;
            return FailValue("expected a number");
        }
        if (at < text.Length && text[at] == ' ' && text.AsSpan(at).TrimStart(' ').StartsWith("%", StringComparison.Ordinal)) Skip();
        return at < text.Length && (char.IsAsciiLetter(text[at]) || text[at] == '%') ? FailValue("numbers have no unit; values are in base units: 2e9 for 2 GB, 0.05 for 5 %, 1.2e9 for 1200 MHz") : number;
    }

    private Comparison? Operator()
    {
        Skip();
        var two = at + 1 < text.Length ? text.AsSpan(at, 2) : "";
        Comparison? found = two switch
        {
            ">=" => Rules.Comparison.AtLeast,
            "<=" => Rules.Comparison.AtMost,
            "==" => Rules.Comparison.Equal,
            "!=" => Rules.Comparison.NotEqual,
            _ => null,
        };
        if (found is not null) { at += 2; return found; }
        return Take('>') ? Rules.Comparison.Above : Take('<') ? Rules.Comparison.Below : null;
    }

    private string? Name()
    {
        var start = at;
        while (at < text.Length && (IsNameStart(text[at]) || (at > start && char.IsAsciiDigit(text[at])))) at++;
        return at > start ? text[start..at] : null;
    }

    private static bool IsNameStart(char letter) => char.IsAsciiLetter(letter) || letter is '_' or ':';

    private bool Peek(char letter) => at < text.Length && text[at] == letter;

    private bool TakeNext(char letter)
    {
        if (!Peek(letter)) return false;
        at++;
        return true;
    }

    private bool Take(char letter)
    {
        Skip();
        return TakeNext(letter);
    }

    private bool AtEnd()
    {
        Skip();
        return at == text.Length;
    }

    private void Skip()
    {
        while (at < text.Length && text[at] is ' ' or '\t' or '\n') at++;
    }

    private T? Fail<T>(string what) where T : class
    {
        if (problem.Length == 0) problem = string.Create(CultureInfo.InvariantCulture, $"{what.TrimEnd()} at character {at + 1}");
        return null;
    }

    private double? FailValue(string what)
    {
        _ = Fail<string>(what);
        return null;
    }
}
