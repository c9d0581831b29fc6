using System.Text;
using Monitoring.Segments;

namespace Monitoring.Tests.Segments;

/// <summary>A directory with a log in it, small enough that a few records fill a segment.</summary>
internal sealed class LogDirectory : IDisposable
{
    internal const long SegmentBytes = 4096;

    internal string DirectoryPath { get; } = Directory.CreateTempSubdirectory("segments-").FullName;

    internal ManualTimeProvider Time { get; } = new();

    internal SegmentLogOptions Options { get; init; } = new() { MaximumBytes = 16 * SegmentBytes, SegmentBytes = SegmentBytes };

    internal IReadOnlyList<string> Files => [.. Directory.GetFiles(DirectoryPath, "*.segment").Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(DirectoryPath, recursive: true);

    internal SegmentLog Open() => SegmentLog.Open(DirectoryPath, Options, Time);

    /// <summary>A log of so many records of one type; each says its own number and is about as long as asked.</summary>
    internal static void Fill(SegmentLog log, int records, int bytes = 100)
    {
        for (var index = 0; index < records; index++) log.Append(1, Payload(log.NextSequence, bytes));
        log.Flush();
    }

    internal static byte[] Payload(ulong sequence, int bytes = 100) => Encoding.ASCII.GetBytes($"record {sequence} ".PadRight(bytes, 'x'));

    /// <summary>Sequences of what can be read; fails on a payload that was not written.</summary>
    internal static List<ulong> Sequences(SegmentLog log, ulong from = 0)
    {
        var found = new List<ulong>();
        foreach (var record in log.Read(from))
        {
            if (!record.Payload.Span.StartsWith(Encoding.ASCII.GetBytes($"record {record.Sequence} "))) throw new InvalidOperationException($"Record {record.Sequence} is not what was written.");
            found.Add(record.Sequence);
        }
        return found;
    }

    internal static IEnumerable<ulong> Range(ulong first, ulong last)
    {
        for (var sequence = first; sequence <= last; sequence++) yield return sequence;
    }
}
