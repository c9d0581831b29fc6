using System.Globalization;
using System.Text;

namespace Monitoring.Settings.Sources;

/// <summary>Text from a source as a message may show it.</summary>
internal static class Shown
{
    /// <summary>Instead of a secret; its length says nothing.</summary>
    internal const string Secret = "********";

    /// <summary>A message stays on one line of a terminal even where a whole file was pasted into a value.</summary>
    private const int MaximumLength = 120;

    /// <summary>The text, shortened, with what is not printable made visible so that it cannot steer a terminal.</summary>
    internal static string Text(string text)
    {
        var shown = new StringBuilder();
        foreach (var letter in text.AsSpan(0, Math.Min(text.Length, MaximumLength)))
        {
            if (IsPrintable(letter))
                shown.Append(letter);
            else
                shown.Append($"\\u{(int)letter:x4}");
        }

        return shown.Append(text.Length > MaximumLength ? "..." : "").ToString();
    }

    /// <summary>Whether a character stands for itself: no control, no line break of Unicode, nothing that turns the writing direction.</summary>
    internal static bool IsPrintable(char letter) => char.GetUnicodeCategory(letter) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned);
}
