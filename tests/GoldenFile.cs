using Xunit;

namespace Monitoring.Tests;

/// <summary>Text that users see, kept in <c>tests/Golden</c>; <c>UPDATE_GOLDEN=1</c> rewrites it, after which the diff is to be read.</summary>
internal static class GoldenFile
{
    /// <summary>Fails with the first difference unless <paramref name="actual"/> is the text of <c>tests/Golden/</c><paramref name="name"/>.</summary>
    internal static void Check(string name, string actual) => Check(
        RepositoryRoot.Combine("tests", "Golden"),
        name,
        actual,
        rewrite: Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1",
        mayRewrite: !ContinuousIntegration.IsOn);

    /// <summary>The same with the folder and the switches given.</summary>
    internal static void Check(string folder, string name, string actual, bool rewrite, bool mayRewrite)
    {
        if (rewrite && !mayRewrite)
            Assert.Fail("UPDATE_GOLDEN=1 is set where CI=true: golden files are rewritten by a person who reads the diff.");
        var path = Path.Combine(folder, name);
        if (rewrite)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            // Only a changed file is written, so that time stamps do not make other tools believe in a change.
            if (!File.Exists(path) || File.ReadAllText(path) != actual)
                File.WriteAllText(path, actual);
            return;
        }

        if (!File.Exists(path))
            Assert.Fail($"tests/Golden/{name} does not exist. {Remedy}");
        if (FirstDifference(File.ReadAllText(path), actual) is { } difference)
            Assert.Fail($"tests/Golden/{name} differs {difference}\n{Remedy}");
    }

    /// <summary>The first line that differs, with both versions, or null where the texts are equal.</summary>
    internal static string? FirstDifference(string expected, string actual)
    {
        if (expected == actual)
            return null;
        var expectedLines = expected.Split('\n');
        var actualLines = actual.Split('\n');
        for (var index = 0; index < Math.Max(expectedLines.Length, actualLines.Length); index++)
        {
            var expectedLine = index < expectedLines.Length ? Visible(expectedLines[index]) : EndOfText;
            var actualLine = index < actualLines.Length ? Visible(actualLines[index]) : EndOfText;
            if (expectedLine != actualLine)
                return $"first at line {index + 1} ({expectedLines.Length} lines expected, {actualLines.Length} found):\n  expected: {expectedLine}\n  actual:   {actualLine}";
        }

        throw new InvalidOperationException("Two texts differ and no line does.");
    }

    private const string EndOfText = "(end of the text)";
    private const string Remedy = "If the change is meant, run the test with UPDATE_GOLDEN=1 and read the diff.";

    /// <summary>A line with what the eye cannot see made visible.</summary>
    private static string Visible(string line)
    {
        var text = line.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal);
        var end = text.AsSpan().TrimEnd(' ').Length;
        return text[..end] + new string('\u00b7', text.Length - end);
    }
}
