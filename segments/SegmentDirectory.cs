namespace Monitoring.Segments;

/// <summary>What lies in the directory of a log when it is opened; torn ends are cut off here.</summary>
internal sealed class SegmentDirectory
{
    private SegmentDirectory(string path, Action<SegmentDamage> damaged)
    {
        foreach (var (file, first) in Candidates(path))
        {
            var bytes = new FileInfo(file).Length;
            var header = Head(file);
            if (SegmentFormat.ReadHeader(header, first, out var created) is not { } fault)
            {
                Segments.Add(new SegmentFile(file, first, created, bytes));
                NextSequence = Math.Max(NextSequence, first);
            }
            else if (bytes <= SegmentFormat.HeaderBytes && IsUnfinished(header))
            {
                File.Delete(file);
                TornRecords++;
            }
            else
            {
                damaged(new SegmentDamage(file, 0, fault));
                NextSequence = Math.Max(NextSequence, first + SegmentFormat.MostRecords(bytes));
            }
        }
        if (Segments is [.., var last]) Recover(last, damaged);
    }

    /// <summary>Segments that can be read, oldest first.</summary>
    internal List<SegmentFile> Segments { get; } = [];

    /// <summary>A number that no record ever had.</summary>
    internal ulong NextSequence { get; private set; } = 1;

    /// <summary>Records and files that were cut off while they were written.</summary>
    internal int TornRecords { get; private set; }

    /// <summary>True when the last segment can be written further.</summary>
    internal bool LastIsWhole { get; private set; }

    /// <summary>Reads a directory; what is no segment is left alone.</summary>
    /// <exception cref="IOException">It cannot be read, or a torn end cannot be cut off.</exception>
    internal static SegmentDirectory Read(string path, Action<SegmentDamage> damaged) => new(path, damaged);

    private static IEnumerable<(string File, ulong First)> Candidates(string path)
    {
        var found = new List<(string File, ulong First)>();
        foreach (var file in Directory.EnumerateFiles(path, "*" + SegmentFormat.Ending))
            if (SegmentFormat.TryReadName(Path.GetFileName(file.AsSpan()), out var first)) found.Add((file, first));
        return found.OrderBy(static file => file.First);
    }

    private static byte[] Head(string file)
    {
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var header = new byte[SegmentFormat.HeaderBytes];
        return header[..RandomAccess.Read(handle, header, 0)];
    }

    /// <summary>True for a file that was just being begun: no record can have been in it.</summary>
    private static bool IsUnfinished(ReadOnlySpan<byte> header) =>
        !header.ContainsAnyExcept((byte)0) || (header.Length < SegmentFormat.HeaderBytes && (SegmentFormat.Magic.StartsWith(header) || header.StartsWith(SegmentFormat.Magic)));

    private void Recover(SegmentFile last, Action<SegmentDamage> damaged)
    {
        using var reader = SegmentReader.Open(last.Path, last.First, last.Length) ?? throw new FileNotFoundException(last.Path);
        while (reader.TryRead(out _))
        {
        }
        if (reader.Damage is { } damage && reader.HasRecordsBeyond())
        {
            // Not cut off: what comes after the damage may still be of use to a person. Nothing is written into it any more.
            damaged(new SegmentDamage(last.Path, reader.Offset, damage));
            NextSequence = Math.Max(NextSequence, last.First + SegmentFormat.MostRecords(last.Length));
            return;
        }
        if (reader.Damage is not null)
        {
            using var handle = File.OpenHandle(last.Path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
            RandomAccess.SetLength(handle, reader.Offset);
            RandomAccess.FlushToDisk(handle);
            last.Length = reader.Offset;
            TornRecords++;
        }
        NextSequence = Math.Max(NextSequence, reader.Expected);
        LastIsWhole = NextSequence == reader.Expected; // else numbers of a file that cannot be read stand between
    }
}
