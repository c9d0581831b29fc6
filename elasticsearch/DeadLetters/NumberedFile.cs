using System.Globalization;

namespace Monitoring.Elasticsearch.DeadLetters;

/// <summary>Files of dead letters that are not added to any more: <c>event.000001.ndjson</c>.</summary>
internal static class NumberedFile
{
    internal static string Name(string stream, int number) => string.Create(CultureInfo.InvariantCulture, $"{stream}.{number:D6}{DeadLetterFile.Ending}");

    /// <summary>Those of a stream, oldest first.</summary>
    internal static IReadOnlyList<(string Path, int Number)> All(string directory, string stream)
    {
        var found = new List<(string Path, int Number)>();
        if (!Directory.Exists(directory)) return found;
        foreach (var path in Directory.EnumerateFiles(directory, $"{stream}.*{DeadLetterFile.Ending}"))
            if (TryRead(Path.GetFileName(path), out var of, out var number) && of == stream) found.Add((path, number));
        found.Sort(static (one, other) => one.Number.CompareTo(other.Number));
        return found;
    }

    /// <summary>Stream and number of a file; the number is 0 for one that is added to. False for other files.</summary>
    internal static bool TryRead(string name, out string stream, out int number)
    {
        (stream, number) = ("", 0);
        if (!name.EndsWith(DeadLetterFile.Ending, StringComparison.Ordinal)) return false;
        stream = name[..^DeadLetterFile.Ending.Length];
        if (stream.LastIndexOf('.') is var dot and > 0 && int.TryParse(stream.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out number)) stream = stream[..dot];
        return stream.Length > 0;
    }
}
