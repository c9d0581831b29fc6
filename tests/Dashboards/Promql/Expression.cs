using System.Text.Json;
using System.Text.Json.Serialization;

namespace Monitoring.Tests.Dashboards.Promql;

/// <summary>A part of a PromQL expression, as <c>tests/Node/promql.mjs</c> reads it with Prometheus' own grammar.</summary>
/// <param name="Kind">selector, aggregate, call, binary or constant.</param>
internal sealed record Expression(string Kind)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    /// <summary>Name of the metric, the function or the operator; the text of a constant that is one.</summary>
    public string Name { get; init; } = "";

    /// <summary>Of a selector: what its labels must be.</summary>
    public IReadOnlyList<Matcher> Matchers { get; init; } = [];

    /// <summary>Of a selector: true where it gives a time and not a moment.</summary>
    public bool Ranged { get; init; }

    /// <summary>Of a selector: how long the time is.</summary>
    public string Range { get; init; } = "";

    /// <summary>Of an aggregation: the labels that are kept; null where others are dropped.</summary>
    public IReadOnlyList<string>? By { get; init; }

    /// <summary>Of an aggregation: the labels that are dropped.</summary>
    public IReadOnlyList<string>? Without { get; init; }

    /// <summary>Of a call or an aggregation.</summary>
    public IReadOnlyList<Expression> Arguments { get; init; } = [];

    /// <summary>Of a binary operation.</summary>
    public Expression? Left { get; init; }

    /// <summary>Of a binary operation.</summary>
    public Expression? Right { get; init; }

    /// <summary>Labels by which both sides are matched.</summary>
    public IReadOnlyList<string>? On { get; init; }

    /// <summary>Labels that are left out of the matching.</summary>
    public IReadOnlyList<string>? Ignoring { get; init; }

    /// <summary>GroupLeft or GroupRight.</summary>
    public string Group { get; init; } = "";

    /// <summary>Labels of the other side that the result gets.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>The parts of it.</summary>
    [JsonIgnore]
    internal IEnumerable<Expression> Parts => Left is null || Right is null ? Arguments : [Left, Right];

    /// <summary>It and all parts of it.</summary>
    [JsonIgnore]
    internal IEnumerable<Expression> All => Parts.SelectMany(static part => part.All).Prepend(this);

    /// <summary>Every selector in it.</summary>
    [JsonIgnore]
    internal IEnumerable<Expression> Selectors => All.Where(static part => part.Kind == "selector");

    /// <summary>Reads expressions; a sentence in place of each that is none.</summary>
    internal static async Task<IReadOnlyList<(Expression? Tree, string? Fault)>> ReadAsync(IReadOnlyList<string> texts)
    {
        var answers = await NodeProgram.RunAsync("promql.mjs", texts);
        return
        [
            .. answers.EnumerateArray().Select(static answer => answer.TryGetProperty("error", out var fault)
                ? ((Expression?)null, fault.GetString())
                : (answer.GetProperty("tree").Deserialize<Expression>(Options), null)),
        ];
    }
}

/// <summary>What a label of a selector must be.</summary>
/// <param name="Operator">One of <c>=</c>, <c>!=</c>, <c>=~</c>, <c>!~</c>.</param>
internal sealed record Matcher(string Label, string Operator, string Value);
