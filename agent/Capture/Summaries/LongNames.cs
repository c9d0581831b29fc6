using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Summaries;

/// <summary>
/// Long names cut in the middle: templates of one library begin alike for hundreds of characters, and differ in the lambda at their end.
/// </summary>
internal static class LongNames
{
    /// <summary>Characters of a name that are looked at.</summary>
    internal const int LengthAtMost = 16 * 1024;

    private const int TailLength = 160;
    private const char Ellipsis = '…';

    /// <summary>Cuts a text in its place; answers how long it is then.</summary>
    internal static int Cut(Span<char> text, int length)
    {
        const int Limit = ProfilerSummary.NameLengthAtMost;
        if (length <= Limit) return length;
        var tail = text[(length - TailLength)..length];
        if (char.IsLowSurrogate(tail[0])) tail[0] = Ellipsis;
        var head = Limit - TailLength - 1;
        text[head] = Ellipsis;
        if (char.IsHighSurrogate(text[head - 1])) text[head - 1] = Ellipsis;
        tail.CopyTo(text[(head + 1)..]);
        return Limit;
    }
}
