using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>
/// A pattern that the whole of a label's value must match. Words with bars between them, which nearly all patterns are, are compared as
/// words: a machine without backtracking takes megabytes to build.
/// </summary>
internal sealed class LabelPattern
{
    // What means itself in a regular expression.
    private static readonly SearchValues<char> Plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-:/|");

    // A rule's triggers on every GPU share its matchers.
    private static readonly ConditionalWeakTable<LabelMatcher, LabelPattern> Known = [];

    private readonly string[] words = [];
    private readonly Regex? expression;

    /// <param name="pattern">The pattern.</param>
    /// <exception cref="ArgumentException">It is no regular expression.</exception>
    /// <exception cref="NotSupportedException">It needs backtracking, which could take a processor for itself, or is huge.</exception>
    internal LabelPattern(string pattern)
    {
        if (pattern.AsSpan().ContainsAnyExcept(Plain)) expression = new Regex($"^(?:{pattern})$", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        else words = pattern.Split('|');
    }

    /// <summary>The pattern of a matcher, made once.</summary>
    internal static LabelPattern Of(LabelMatcher matcher) => Known.GetValue(matcher, static matcher => new LabelPattern(matcher.Value));

    /// <summary>True where the value matches.</summary>
    internal bool IsMatch(string value) => expression?.IsMatch(value) ?? Array.IndexOf(words, value) >= 0;
}
