using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Journal;
using Monitoring.Contracts.Events;
using Monitoring.Segments;

namespace Monitoring.Tests.Agent.Journal;

/// <summary>A directory with a journal whose writer the test turns by hand.</summary>
internal sealed class JournalDirectory : IDisposable
{
    internal static readonly NodeIdentity Node = new("test", "node-1", "boot-1");
    internal static readonly GpuReference Gpu = new(3, "GPU-aaaa", "1650", "00000000:62:00.0");

    internal string DirectoryPath { get; } = Directory.CreateTempSubdirectory("journal-").FullName;

    internal ManualTimeProvider Time { get; } = new();

    /// <summary>Limits of the log.</summary>
    internal SegmentLogOptions Options { get; init; } = new() { MaximumBytes = 1 << 20, SegmentBytes = 16 << 10 };

    public void Dispose() => Directory.Delete(DirectoryPath, recursive: true);

    internal EventJournal Open(bool isShipped = true) => new(
        calls => SegmentLog.Open(DirectoryPath, Options with { SegmentStarted = calls.SegmentStarted, SegmentDeleted = segment => calls.Deleted(segment.EndSequence, segment.Reason), Damaged = calls.Damaged }, Time),
        Node, isShipped, Time, NullLogger<EventJournal>.Instance);

    internal EventRecord Xid(int number, int code = 79, EventSeverity severity = EventSeverity.Critical) => new()
    {
        Id = Id(number), Time = Time.GetUtcNow(), Node = Node.Node, Kind = EventKinds.Xid, Code = code, Severity = severity, Gpu = Gpu,
        Title = string.Create(CultureInfo.InvariantCulture, $"XID {code}, number {number}"),
    };

    internal static string Id(int number) => EventId.Of("test", number.ToString(CultureInfo.InvariantCulture));

    internal static long Count(EventJournal journal, string counter, string subject, string value) =>
        journal.Counters(counters => counters.All.Where(count => count.Counter == counter && count.Subject == subject && count.Value == value).Sum(static count => count.Amount));

    internal static long Xids(EventJournal journal, string code = "79") => Count(journal, EventCounters.Xids, Gpu.Uuid, code);

    internal static IEnumerable<string> Waiting(EventJournal journal) => journal.Oldest(10_000, long.MaxValue).Select(static waiting => EventJson.Read(waiting.Json.Span).Id);
}
