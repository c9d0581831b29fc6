using System.Text;

namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>
/// What nsys prints. It draws progress with carriage returns even where nobody looks, and may put what follows on the same line; its
/// exit code is 0 for many failures, so that the paths after <c>Generated:</c> are all that tells of a report.
/// </summary>
internal static class NsysOutput
{
    private const string GeneratedMark = "Generated:";
    private const int WordsAtMost = 300;

    /// <summary>Paths more than a capture can have are a mistake of this reader.</summary>
    private const int PathsAtMost = 64;

    /// <summary>The lines without progress, blanks at their ends and control characters.</summary>
    internal static IEnumerable<string> Lines(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            var drawn = line.Trim('\r');
            var last = drawn[(drawn.LastIndexOf('\r') + 1)..];
            var clean = IsProgress(last) ? last.EndsWith(GeneratedMark, StringComparison.Ordinal) ? GeneratedMark : "" : Printable(last).TrimEnd();
            if (clean.Length > 0) yield return clean;
        }
    }

    /// <summary>The paths of what was generated.</summary>
    internal static IReadOnlyList<string> Generated(string text)
    {
        var paths = new List<string>();
        var isListed = false;
        foreach (var line in Lines(text))
        {
            if (line.EndsWith(GeneratedMark, StringComparison.Ordinal)) isListed = true;
            else if (!isListed) continue;
            else if (line[0] is ' ' or '\t' && line.AsSpan().TrimStart() is ['/', ..] && paths.Count < PathsAtMost) paths.Add(line.Trim());
            else isListed = false;
        }
        return paths;
    }

    /// <summary>What it complains of, one line of bounded length; empty where it says nothing.</summary>
    internal static string Complaint(string text)
    {
        var lines = Lines(text).Select(static line => line.Trim()).Where(static line => !IsRoutine(line)).Distinct().Take(4);
        var words = string.Join("; ", lines);
        return words.Length <= WordsAtMost ? words : words[..WordsAtMost] + "...";
    }

    /// <summary>A line such as <c>[1/1] [=====38%     ] name</c> or <c>Processing 4182 events: [==9%  ]</c>.</summary>
    private static bool IsProgress(string line) =>
        line.IndexOf('%') is var percent and > 0 && line.LastIndexOf('[', percent) >= 0
        && (line.StartsWith('[') || line.StartsWith("Processing ", StringComparison.Ordinal));

    private static bool IsRoutine(string line) =>
        line is GeneratedMark || line.StartsWith("Generating '", StringComparison.Ordinal) || line.StartsWith('/') || line.StartsWith("usage: ", StringComparison.Ordinal)
        || (line.StartsWith("Try 'nsys", StringComparison.Ordinal) && line.EndsWith("for more information.", StringComparison.Ordinal));

    private static string Printable(string line)
    {
        if (!line.Any(static letter => char.IsControl(letter) && letter != '\t')) return line;
        var clean = new StringBuilder(line.Length);
        foreach (var letter in line)
            if (!char.IsControl(letter) || letter == '\t') clean.Append(letter);
        return clean.ToString();
    }
}
