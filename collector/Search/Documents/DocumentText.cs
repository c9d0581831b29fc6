namespace Monitoring.Collector.Search.Documents;

/// <summary>Cuts texts to what servers index.</summary>
internal static class DocumentText
{
    /// <summary>Characters of a value that is found by any part; in UTF-8 below the 32766 bytes that one term may have.</summary>
    public const int LongestWildcard = 8191;

    /// <summary>Characters of a sentence.</summary>
    public const int LongestSentence = 32_000;

    /// <summary>The first characters of a text, no character cut in two.</summary>
    public static string Cut(string text, int length)
    {
        if (text.Length <= length) return text;
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }
}
