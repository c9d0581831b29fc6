using Monitoring.Elasticsearch.Delivery;
using Monitoring.Elasticsearch.Documents;
using Monitoring.Elasticsearch.Spool;
using Monitoring.Segments;

namespace Monitoring.Elasticsearch.DeadLetters;

/// <summary>
/// The dead letters of one stream that are sent again. Their files are nobody else's any more; a file is deleted when all of it is settled for good.
/// A place is the number of its file and that of its line.
/// </summary>
internal sealed class DeadLetterSource : IDocumentSource, IKnowHistory
{
    internal const string LedgerEnding = ".settled";
    internal const string UnreadableEnding = ".unreadable";

    private const int LineBits = 32;
    private const int StepBytes = 64 << 10;

    private readonly string directory;
    private readonly PlaceLedger ledger;
    private readonly Queue<(string Path, int Number)> files;
    private readonly Dictionary<ulong, (DateTimeOffset FirstSeen, int Attempts)> histories = [];
    private readonly TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<(string Path, ulong Last)> readFiles = []; // read to their end, not yet settled to it
    private FileStream? file;
    private byte[] buffer = new byte[StepBytes];
    private int bufferStart;
    private int bufferEnd;
    private ulong line;
    private long waiting;

    /// <summary>Opens the files of a stream.</summary>
    /// <exception cref="IOException">They cannot be read.</exception>
    internal DeadLetterSource(string directory, string stream)
    {
        (this.directory, Name) = (directory, stream);
        ledger = PlaceLedger.OpenFile(LedgerPath(directory, stream));
        files = [];
        foreach (var (path, number) in NumberedFile.All(directory, stream))
        {
            var left = LineCount.Of(path) - SettledLines(number);
            if (left <= 0)
            {
                File.Delete(path); // an earlier replay ended before it could
                continue;
            }
            files.Enqueue((path, number));
            waiting += left;
        }
        FinishWhenDone();
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public long Waiting => Interlocked.Read(ref waiting);

    /// <summary>Lines that are no dead letters.</summary>
    internal long Unreadable { get; private set; }

    /// <summary>Ends when everything is settled.</summary>
    internal Task Finished => finished.Task;

    /// <summary>The highest number that a file of the stream ever had here; a new one must be above it.</summary>
    internal static int LastNumber(string directory, string stream) =>
        Math.Max((int)(PlaceLedger.OpenFile(LedgerPath(directory, stream)).Settled >> LineBits), DeadLetterFile.NextNumber(directory, stream) - 1);

    /// <inheritdoc/>
    public (DateTimeOffset FirstSeen, int Attempts) HistoryOf(SourceDocument document) => histories.Remove(document.Place, out var history) ? history : default;

    /// <inheritdoc/>
    public async ValueTask WaitAsync(CancellationToken cancellationToken) => await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken).ConfigureAwait(false); // files do not grow

    /// <inheritdoc/>
    public bool Read(List<SourceDocument> into, int limit, long bytes)
    {
        long taken = 0;
        for (var count = 0; count < limit && taken < bytes;)
        {
            if (NextLine() is not { } text) return false;
            var place = ((ulong)files.Peek().Number << LineBits) | ++line;
            if (place <= ledger.Settled) continue;
            if (DeadLetterLine.Read(text, place) is not { } letter)
            {
                if (text.Length > 0)
                {
                    KeepUnreadable(text.Span);
                    Unreadable++;
                }
                ledger.Pass(place);
                Settled();
                continue;
            }
            ledger.GiveOut(place);
            histories[place] = (letter.FirstSeen, letter.Attempts);
            into.Add(letter.Document);
            taken += letter.Document.Json.Length;
            count++;
        }
        return true;
    }

    /// <inheritdoc/>
    public void Settle(SourceDocument document)
    {
        ledger.Settle(document.Place);
        Settled();
    }

    /// <inheritdoc/>
    public void Commit()
    {
        ledger.Commit();
        while (readFiles is [var (path, last), ..] && last <= ledger.Durable)
        {
            File.Delete(path);
            readFiles.RemoveAt(0);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file?.Dispose();

    private static string LedgerPath(string directory, string stream) => Path.Combine(directory, stream + LedgerEnding);

    private long SettledLines(int number) => (int)(ledger.Settled >> LineBits) switch
    {
        var settled when settled == number => (long)(ledger.Settled & uint.MaxValue),
        var settled => settled > number ? long.MaxValue : 0,
    };

    private void Settled()
    {
        Interlocked.Decrement(ref waiting);
        FinishWhenDone();
    }

    private void FinishWhenDone()
    {
        if (Waiting <= 0) finished.TrySetResult();
    }

    /// <summary>The next line of the files; null at the end of the last one.</summary>
    private ReadOnlyMemory<byte>? NextLine()
    {
        while (files.TryPeek(out var current))
        {
            file ??= new FileStream(current.Path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            if (buffer.AsSpan(bufferStart, bufferEnd - bufferStart).IndexOf((byte)'\n') is var length and >= 0)
            {
                var text = buffer.AsMemory(bufferStart, length).ToArray(); // its document outlives the buffer
                bufferStart += length + 1;
                return text;
            }
            if (Fill()) continue;
            if (bufferEnd > bufferStart)
            {
                var unended = buffer.AsMemory(bufferStart, bufferEnd - bufferStart).ToArray();
                bufferStart = bufferEnd;
                return unended;
            }
            file.Dispose();
            file = null;
            readFiles.Add((current.Path, ((ulong)current.Number << LineBits) | line));
            files.Dequeue();
            (bufferStart, bufferEnd, line) = (0, 0, 0);
        }
        return null;
    }

    private bool Fill()
    {
        buffer.AsSpan(bufferStart, bufferEnd - bufferStart).CopyTo(buffer);
        (bufferStart, bufferEnd) = (0, bufferEnd - bufferStart);
        if (bufferEnd == buffer.Length) Array.Resize(ref buffer, 2 * buffer.Length);
        var read = file!.Read(buffer.AsSpan(bufferEnd));
        bufferEnd += read;
        return read > 0;
    }

    private void KeepUnreadable(ReadOnlySpan<byte> text)
    {
        using var kept = new FileStream(Path.Combine(directory, Name + UnreadableEnding), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        kept.Write([.. text, (byte)'\n']);
        kept.Flush(flushToDisk: true);
        DurableFile.FlushDirectory(directory);
    }
}
