namespace Monitoring.Tests.Architecture;

/// <summary>A C# file in two layers of equal length and equal line breaks: its code without strings, and its comments.</summary>
/// <param name="Code">Comments and the contents of strings are blanks.</param>
/// <param name="Comments">Everything but comments is blanks.</param>
internal sealed record CSharpText(string Code, string Comments)
{
    /// <summary>Splits a file; the holes of interpolated strings count as string, since no rule looks for code in them.</summary>
    internal static CSharpText Split(string text)
    {
        var code = text.ToCharArray();
        var comments = text.ToCharArray();
        var position = 0;
        while (position < text.Length)
        {
            var rest = text.AsSpan(position);
            if (rest.StartsWith("//") || rest.StartsWith("/*"))
            {
                var length = rest[1] == '/' ? End(rest.IndexOf('\n'), rest, 0) : End(rest[2..].IndexOf("*/"), rest, 4);
                Blank(code, position, length);
                position += length;
                continue;
            }

            var quoted = QuotedLength(rest);
            Blank(comments, position, Math.Max(1, quoted));
            Blank(code, position, quoted);
            position += Math.Max(1, quoted);
        }

        return new CSharpText(new string(code), new string(comments));
    }

    private static int End(int found, ReadOnlySpan<char> rest, int extra) => found < 0 ? rest.Length : found + extra;

    /// <summary>Length of the string or character that starts here; 0 if none does.</summary>
    private static int QuotedLength(ReadOnlySpan<char> rest)
    {
        var prefix = rest.IndexOfAnyExcept('$', '@');
        if (prefix < 0)
            return 0;
        if (prefix == 0 && rest[0] == '\'')
            return CharacterLength(rest);
        if (rest[prefix] != '"')
            return 0;
        var quotes = Run(rest[prefix..]);
        var isVerbatim = rest[..prefix].Contains('@');
        if (quotes >= 3 && !isVerbatim)
            return RawLength(rest, prefix, quotes);
        var isInterpolated = rest[..prefix].Contains('$');
        for (var index = prefix + 1; index < rest.Length; index++)
        {
            switch (rest[index])
            {
                case '\\' when !isVerbatim:
                case '"' when isVerbatim && index + 1 < rest.Length && rest[index + 1] == '"':
                case '{' when isInterpolated && index + 1 < rest.Length && rest[index + 1] == '{':
                    index++;
                    break;
                case '{' when isInterpolated:
                    index += HoleLength(rest[index..]) - 1;
                    break;
                case '"':
                    return index + 1;
            }
        }

        return rest.Length;
    }

    /// <summary>Length of <c>{...}</c> in an interpolated string, strings inside it included.</summary>
    private static int HoleLength(ReadOnlySpan<char> rest)
    {
        var depth = 0;
        for (var index = 0; index < rest.Length; index++)
        {
            if (QuotedLength(rest[index..]) is var quoted and > 0)
                index += quoted - 1;
            else if (rest[index] == '{')
                depth++;
            else if (rest[index] == '}' && --depth == 0)
                return index + 1;
        }

        return rest.Length;
    }

    private static int CharacterLength(ReadOnlySpan<char> rest)
    {
        var start = rest.Length > 2 && rest[1] == '\\' ? 3 : 2;
        return start < rest.Length && rest[start..].IndexOf('\'') is var end and >= 0 and < 10 ? start + end + 1 : 1;
    }

    private static int RawLength(ReadOnlySpan<char> rest, int prefix, int quotes)
    {
        var start = prefix + quotes;
        while (start < rest.Length)
        {
            var next = rest[start..].IndexOf('"');
            if (next < 0)
                break;
            var run = Run(rest[(start + next)..]);
            start += next + run;
            if (run >= quotes)
                return start;
        }

        return rest.Length;
    }

    private static int Run(ReadOnlySpan<char> rest) => rest.IndexOfAnyExcept('"') is var end and >= 0 ? end : rest.Length;

    private static void Blank(char[] text, int start, int length)
    {
        for (var index = start; index < start + length; index++)
            if (text[index] != '\n')
                text[index] = ' ';
    }
}
