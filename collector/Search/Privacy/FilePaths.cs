using System.Text.RegularExpressions;

namespace Monitoring.Collector.Search.Privacy;

/// <summary>Finds absolute paths of files in sentences. Those of the system tell of nobody; those of URLs are none.</summary>
internal static partial class FilePaths
{
    // Where distributions, kernels and drivers keep theirs.
    private static readonly string[] System = ["bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "opt", "proc", "run", "sbin", "sys", "usr"];

    /// <summary>The text with every path replaced.</summary>
    public static string Replace(string text, Func<string, string> replacement) => !text.Contains('/', StringComparison.Ordinal) ? text
        : Path().Replace(text, match => IsOfSystem(match.ValueSpan) ? match.Value : replacement(match.Value));

    private static bool IsOfSystem(ReadOnlySpan<char> path)
    {
        var rest = path[1..];
        var end = rest.IndexOf('/');
        var first = end < 0 ? rest : rest[..end];
        foreach (var known in System)
            if (first.SequenceEqual(known)) return true;
        return false;
    }

    // A slash at the beginning, after a blank, a quote, a bracket or a sign that joins or assigns, after a letter of an option (-I/home/...), or
    // after file://, with at least two parts; no blanks within, as shells write them. What follows the // of a link has no such slash before it.
    // Not backtracking, so that no text takes long.
    [GeneratedRegex(@"(?<=^|[\s""'`(\[{<>=,:;@|&!]|://|(?:^|\s)-[A-Za-z])/[^\s""'`()\[\]{}<>,;:/|&]+(/[^\s""'`()\[\]{}<>,;:/|&]+)+/?", RegexOptions.CultureInvariant)]
    private static partial Regex Path();
}
