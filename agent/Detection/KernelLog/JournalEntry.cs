using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Monitoring.Agent.Detection.KernelLog;

/// <summary>A kernel message as <c>journalctl -o json</c> prints it (systemd.journal-fields(7)).</summary>
/// <param name="Cursor">Where it is in the journal.</param>
/// <param name="Microseconds">The kernel's own time of it; the journal's where that is missing.</param>
/// <param name="Time">When it was written, by the wall clock of then.</param>
/// <param name="Text">The line as the kernel wrote it.</param>
internal sealed record JournalEntry(string Cursor, long Microseconds, DateTimeOffset Time, string Text)
{
    // The greatest time that DateTimeOffset holds, in microseconds since 1970.
    private const long LatestMicroseconds = 253402300799_999999;

    /// <summary>Reads a line of journalctl. Never throws, whatever the line.</summary>
    /// <returns>Null for what is no entry with a cursor, a time and a message.</returns>
    internal static JournalEntry? Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 8 });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Field(root, "__CURSOR") is not { Length: > 0 } cursor || Field(root, "MESSAGE") is not { } message) return null;
            if (Number(root, "__REALTIME_TIMESTAMP") is not { } wall || Number(root, "__MONOTONIC_TIMESTAMP") is not { } monotonic) return null;
            var source = Number(root, "_SOURCE_MONOTONIC_TIMESTAMP") ?? monotonic;
            // The journal took the message over some time after the kernel wrote it; early in a boot, seconds after.
            var written = Math.Clamp(wall - Math.Max(0, monotonic - source), 0, LatestMicroseconds);
            // Of lines that a program wrote into the kernel's log, the journal takes the first word off as an identifier.
            var identifier = Field(root, "SYSLOG_IDENTIFIER");
            var text = identifier is null or "kernel" ? message : $"{identifier}: {message}";
            return new JournalEntry(cursor, source, DateTimeOffset.UnixEpoch.AddTicks(written * TimeSpan.TicksPerMicrosecond), text.TrimEnd());
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>A field as text; the journal prints what is no UTF-8 as an array of bytes, and of a field that comes twice an array of values.</summary>
    private static string? Field(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > 64 * 1024) return null;
        var bytes = new List<byte>();
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.String) return item.GetString();
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetByte(out var octet)) return null;
            bytes.Add(octet);
        }
        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static long? Number(JsonElement root, string name) =>
        long.TryParse(Field(root, name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
