using System.Text.Json;

namespace Monitoring.Agent.Capture.Summaries.Kineto;

/// <summary>Takes one token of a JSON text.</summary>
internal delegate void JsonTokenAction(ref Utf8JsonReader reader);

/// <summary>Goes through a JSON text of any length, token by token, with one buffer.</summary>
internal static class JsonTokens
{
    private const int BufferLength = 256 * 1024;

    /// <summary>The longest token: a name with its stack in templates has some tens of thousand bytes.</summary>
    private const int TokenLengthAtMost = 4 * 1024 * 1024;

    // Deeper than any trace; the reader keeps a bit a level.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 64, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads to the end, or to where it cannot be read further.</summary>
    /// <param name="bytesAtMost">Bytes after which it stops: what is packed may unfold to anything.</param>
    /// <returns>Why it ended before its end; empty for a whole text.</returns>
    internal static string Read(Stream stream, long bytesAtMost, JsonTokenAction take, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferLength];
        var state = new JsonReaderState(Options);
        int start = 0, end = 0;
        long passed = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int read;
            try
            {
                read = stream.Read(buffer, end, buffer.Length - end);
            }
            catch (Exception fault) when (fault is IOException or InvalidDataException)
            {
                return $"it cannot be read past byte {passed + end}: {fault.Message}";
            }
            end += read;
            if (passed + end > bytesAtMost) return $"it is longer than {bytesAtMost} bytes";

            var reader = new Utf8JsonReader(buffer.AsSpan(start, end - start), isFinalBlock: read == 0, state);
            try
            {
                while (reader.Read()) take(ref reader);
            }
            catch (JsonException fault)
            {
                return read == 0 ? $"it is cut off at byte {passed + end}" : $"it is no JSON from byte {passed + start + reader.BytesConsumed} on: {OneLine(fault.Message)}";
            }
            if (read == 0) return "";
            state = reader.CurrentState;
            start += (int)reader.BytesConsumed;

            // What is left is the begin of a token: it moves to the front, and the buffer grows where it fills it.
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            passed += start;
            end -= start;
            start = 0;
            if (end < buffer.Length) continue;
            if (buffer.Length >= TokenLengthAtMost) return $"it has a text of over {TokenLengthAtMost} bytes at byte {passed}";
            Array.Resize(ref buffer, 2 * buffer.Length);
        }
    }

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").TrimEnd('.');
}
