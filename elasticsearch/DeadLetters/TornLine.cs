using System.Text.Json;

namespace Monitoring.Elasticsearch.DeadLetters;

/// <summary>The end of a file of lines after a sudden death.</summary>
internal static class TornLine
{
    private const int StepBytes = 64 << 10;

    /// <summary>
    /// Ends the last line of a file: one that lacks only its end gets it, one that is torn is cut off. The letter of a torn line never
    /// counted as kept, so that its document comes again.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read or written.</exception>
    internal static void Heal(string path)
    {
        if (!File.Exists(path)) return;
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        var start = StartOfLastLine(file);
        if (start == file.Length) return;
        var last = new byte[file.Length - start];
        file.Position = start;
        file.ReadExactly(last);
        if (IsWhole(last)) file.WriteByte((byte)'\n');
        else file.SetLength(start);
        file.Flush(flushToDisk: true);
    }

    private static long StartOfLastLine(FileStream file)
    {
        var buffer = new byte[StepBytes];
        for (var end = file.Length; end > 0;)
        {
            var start = Math.Max(0, end - StepBytes);
            var part = buffer.AsSpan(0, (int)(end - start));
            file.Position = start;
            file.ReadExactly(part);
            if (part.LastIndexOf((byte)'\n') is var at and >= 0) return start + at + 1;
            end = start;
        }
        return 0;
    }

    private static bool IsWhole(byte[] line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
