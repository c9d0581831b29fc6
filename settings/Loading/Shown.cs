using System.Text;

namespace Monitoring.Settings.Loading;

/// <summary>Text from a source as a message may show it.</summary>
internal static class Shown
{
    /// <summary>Instead of a secret; its length says nothing.</summary>
    internal const string Secret = "********";

    /// <summary>A message stays on one line of a terminal even where a whole file was pasted into a value.</summary>
    private const int MaximumLength = 120;

    /// <summary>The text, shortened, with control characters made visible so that it cannot write to a terminal.</summary>
    internal static string Text(string text)
    {
        var shown = new StringBuilder();
        foreach (var letter in text.AsSpan(0, Math.Min(text.Length, MaximumLength)))
        {
            if (char.IsControl(letter) || char.IsSurrogate(letter))
                shown.Append($"\\u{(int)letter:x4}");
            else
                shown.Append(letter);
        }

        return shown.Append(text.Length > MaximumLength ? "..." : "").ToString();
    }
}
