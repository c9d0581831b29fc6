using System.Buffers;
using Monitoring.Segments;

namespace Monitoring.Elasticsearch.DeadLetters;

/// <summary>
/// The dead letters of one stream: a file that is added to, and older ones beside it. They are on disk before a document counts as settled,
/// readable for their owner alone, and bounded: the oldest file is given up. Processes take turns by a lock.
/// </summary>
/// <param name="directory">The directory of all streams.</param>
/// <param name="stream">Name of the stream.</param>
/// <param name="bytesAtMost">Bytes of all its files.</param>
internal sealed class DeadLetterFile(string directory, string stream, long bytesAtMost)
{
    internal const string Ending = ".ndjson";

    /// <summary>The bound is kept by deleting a file, which should not be most of what there is.</summary>
    private const int Files = 8;

    /// <summary>Where letters are added.</summary>
    internal string FilePath { get; } = Path.Combine(directory, stream + Ending);

    /// <summary>Keeps letters, all or none.</summary>
    /// <returns>Letters that were given up for it: older ones, and those that alone are over the bound.</returns>
    /// <exception cref="IOException">They cannot be kept now, as on a full disk.</exception>
    /// <exception cref="UnauthorizedAccessException">They may not be kept.</exception>
    internal long Keep(IReadOnlyList<DeadLetter> letters)
    {
        PrivateDirectory.Create(directory);
        using var turn = DirectoryTurn.Take(directory);
        long givenUp = 0;
        var lines = new ArrayBufferWriter<byte>();
        foreach (var letter in letters)
        {
            var before = lines.WrittenCount;
            DeadLetterLine.Write(lines, letter);
            if (lines.WrittenCount - before <= bytesAtMost) continue;
            givenUp++;
            var kept = lines.WrittenSpan[..before].ToArray();
            lines.ResetWrittenCount();
            lines.Write(kept);
        }
        if (lines.WrittenCount == 0) return givenUp;
        TornLine.Heal(FilePath);
        var length = File.Exists(FilePath) ? new FileInfo(FilePath).Length : 0;
        if (length > 0 && length + lines.WrittenCount > bytesAtMost / Files)
        {
            DurableFile.Move(FilePath, Path.Combine(directory, NumberedFile.Name(stream, NextNumber(directory, stream))));
            length = 0;
        }
        Append(lines.WrittenSpan, length);
        return givenUp + DeleteOldest();
    }

    /// <summary>The next number of a file that is not added to any more.</summary>
    internal static int NextNumber(string directory, string stream) => NumberedFile.All(directory, stream).Select(static file => file.Number).DefaultIfEmpty(0).Max() + 1;

    private void Append(ReadOnlySpan<byte> lines, long length)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(FilePath, options);
        try
        {
            file.Position = length;
            file.Write(lines);
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            TryCut(file, length);
            throw;
        }
        if (length == 0) DurableFile.FlushDirectory(directory);
    }

    /// <summary>Takes away what was written of letters that are not kept; where even that fails, the next one heals the file.</summary>
    private static void TryCut(FileStream file, long length)
    {
        try
        {
            file.SetLength(length);
        }
        catch (IOException)
        {
        }
    }

    private long DeleteOldest()
    {
        long givenUp = 0;
        var numbered = new Queue<(string Path, int Number)>(NumberedFile.All(directory, stream));
        var bytes = new FileInfo(FilePath).Length + numbered.Sum(static file => new FileInfo(file.Path).Length);
        while (bytes > bytesAtMost && numbered.TryDequeue(out var oldest))
        {
            bytes -= new FileInfo(oldest.Path).Length;
            givenUp += LineCount.Of(oldest.Path);
            File.Delete(oldest.Path);
        }
        return givenUp;
    }
}
