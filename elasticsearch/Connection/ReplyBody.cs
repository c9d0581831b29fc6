namespace Monitoring.Elasticsearch.Connection;

/// <summary>Reads the body of an answer into memory, up to a limit.</summary>
internal static class ReplyBody
{
    private const int FirstBytes = 8 << 10;

    /// <exception cref="IOException">The body is over the limit or breaks off.</exception>
    internal static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, int bytesAtMost, CancellationToken cancellationToken)
    {
        var announced = content.Headers.ContentLength;
        if (announced > bytesAtMost) throw TooLong(bytesAtMost);
        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var buffer = new byte[(int)(announced + 1 ?? FirstBytes)]; // one more, so that its end is seen without growing
            var read = 0;
            while (true)
            {
                var now = await stream.ReadAsync(buffer.AsMemory(read), cancellationToken).ConfigureAwait(false);
                if (now == 0) return buffer.AsMemory(0, read);
                read += now;
                if (read > bytesAtMost) throw TooLong(bytesAtMost);
                if (read == buffer.Length) Array.Resize(ref buffer, 2 * buffer.Length);
            }
        }
    }

    private static IOException TooLong(int bytesAtMost) => new($"the answer has more than {bytesAtMost} bytes");
}
