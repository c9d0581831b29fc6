using System.Text;

namespace Monitoring.Collector.Search.Privacy;

/// <summary>Replaces a value in a text where it stands by itself: ann is not found in annual, and is in ann-train and /home/ann/x.</summary>
internal static class WholeWords
{
    /// <summary>The text with every such place replaced.</summary>
    public static string Replace(string text, string value, string replacement)
    {
        StringBuilder? changed = null;
        var copied = 0;
        for (var at = text.IndexOf(value, StringComparison.Ordinal); at >= 0; at = text.IndexOf(value, at + 1, StringComparison.Ordinal))
        {
            if (at < copied || !IsEdge(text, at - 1, value[0]) || !IsEdge(text, at + value.Length, value[^1])) continue;
            changed ??= new StringBuilder(text.Length + replacement.Length);
            changed.Append(text, copied, at - copied).Append(replacement);
            copied = at + value.Length;
        }
        return changed is null ? text : changed.Append(text, copied, text.Length - copied).ToString();
    }

    /// <summary>True where the neighbour does not go on with the word that the value begins or ends with.</summary>
    private static bool IsEdge(string text, int neighbour, char own) =>
        neighbour < 0 || neighbour >= text.Length || !char.IsLetterOrDigit(text[neighbour]) || !char.IsLetterOrDigit(own);
}
