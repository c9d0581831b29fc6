namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>Whether a trigger holds. The smaller of two is their "and", the larger their "or", the negative the "not".</summary>
internal enum Truth : sbyte
{
    False = -1,

    /// <summary>A value that is needed is absent, or was not observed for long enough.</summary>
    Unknown = 0,
    True = 1,
}

/// <summary>Comparisons that know of absent values.</summary>
internal static class Comparisons
{
    /// <summary>Whether a value compares so; unknown where either is NaN.</summary>
    internal static Truth Holds(this Comparison comparison, double value, double bound)
    {
        if (double.IsNaN(value) || double.IsNaN(bound)) return Truth.Unknown;
        var holds = comparison switch
        {
            Comparison.Above => value > bound,
            Comparison.AtLeast => value >= bound,
            Comparison.Below => value < bound,
            Comparison.AtMost => value <= bound,
            Comparison.Equal => value == bound,
            _ => value != bound,
        };
        return holds ? Truth.True : Truth.False;
    }

    /// <summary>What is certain of a value that can only be larger than what was seen of it; unknown where that does not decide.</summary>
    internal static Truth HoldsForAtLeast(this Comparison comparison, double seen, double bound)
    {
        var now = comparison.Holds(seen, bound);
        return comparison switch
        {
            Comparison.Above or Comparison.AtLeast => now == Truth.True ? Truth.True : Truth.Unknown,
            Comparison.Below or Comparison.AtMost => now == Truth.False ? Truth.False : Truth.Unknown,
            _ => Truth.Unknown,
        };
    }

    /// <summary>As Prometheus writes it.</summary>
    internal static string Sign(this Comparison comparison) => comparison switch
    {
        Comparison.Above => ">",
        Comparison.AtLeast => ">=",
        Comparison.Below => "<",
        Comparison.AtMost => "<=",
        Comparison.Equal => "==",
        _ => "!=",
    };
}
