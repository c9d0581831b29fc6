using System.Text.Json;
using Monitoring.Segments;

namespace Monitoring.Agent.Shipping;

/// <summary>
/// Events that the collector refused for good, with the reason, one a line, for people. Bounded: the file starts anew when it is full,
/// and the one before it stays until then.
/// </summary>
/// <param name="stateDirectory">The directory for what must outlive a restart; empty keeps no file.</param>
/// <param name="bytesAtMost">Bytes of one of the two files.</param>
internal sealed class DeadLetters(string stateDirectory, long bytesAtMost = 4 << 20)
{
    private const string Folder = "dead-letters";
    private const string FileName = "events.ndjson";
    private const string Before = ".1";

    /// <summary>Where they are; empty where no file is kept.</summary>
    internal string FilePath { get; } = stateDirectory.Length > 0 ? Path.Combine(stateDirectory, Folder, FileName) : "";

    /// <summary>Keeps an event; null, or why it could not be kept.</summary>
    internal string? Keep(ReadOnlySpan<byte> json, string reason)
    {
        if (FilePath.Length == 0) return "no state_directory is set";
        try
        {
            PrivateDirectory.Create(Path.GetDirectoryName(FilePath)!);
            var line = Line(json, reason);
            if (File.Exists(FilePath) && new FileInfo(FilePath).Length + line.Length > bytesAtMost) File.Move(FilePath, FilePath + Before, overwrite: true);
            using var file = new FileStream(FilePath, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
            file.Write(line);
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return fault.Message;
        }
    }

    private static byte[] Line(ReadOnlySpan<byte> json, string reason)
    {
        using var line = new MemoryStream();
        using (var writer = new Utf8JsonWriter(line))
        {
            writer.WriteStartObject();
            writer.WriteString("reason"u8, reason);
            writer.WritePropertyName("event"u8);
            writer.WriteRawValue(json, skipInputValidation: false);
            writer.WriteEndObject();
        }
        line.WriteByte((byte)'\n');
        return line.ToArray();
    }
}
