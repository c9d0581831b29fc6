namespace Monitoring.Elasticsearch.DeadLetters;

/// <summary>Counts the lines of a file, one at its end that lacks its end included.</summary>
internal static class LineCount
{
    private const int BufferBytes = 64 << 10;

    /// <exception cref="IOException">It cannot be read.</exception>
    internal static long Of(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var buffer = new byte[BufferBytes];
        long lines = 0;
        var isEnded = true;
        while (file.Read(buffer) is var read and > 0)
        {
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
            isEnded = buffer[read - 1] == (byte)'\n';
        }
        return isEnded ? lines : lines + 1;
    }
}
