using System.Globalization;
using Monitoring.Agent.Devices.Kernel;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.KernelLog;

/// <summary>
/// The kernel's log as a source of sightings. Its cursor is <c>boot id:sequence</c>: within a boot nothing is read twice, and what was
/// overwritten before it was read, or too long to be read, is told as a gap with its count. Without a cursor of this boot the whole buffer is read: the node's
/// history of this boot, each record with its own time. Where the device may not be read, <see cref="JournalSource"/> takes over.
/// </summary>
/// <param name="path">The device <c>/dev/kmsg</c>, or a file or pipe with records of its form.</param>
/// <param name="bootId">What the kernel calls this boot; empty takes no cursor.</param>
/// <param name="context">What detectors may ask.</param>
internal sealed partial class KernelLogSource(string path, string bootId, LineContext context, TimeProvider time, ILogger<KernelLogSource> logger) : IEventSource
{
    internal const string SourceName = "kmsg";

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(250);

    // Lines that say nothing move the cursor too, but need not be written to disk one by one.
    private static readonly TimeSpan QuietCursorInterval = TimeSpan.FromSeconds(10);
    private const int RecordsPerCursor = 256;

    // The kernel's longest record with its properties.
    private readonly byte[] buffer = new byte[16 * 1024];
    private readonly StopSignal stop = new();
    private readonly KernelClock clock = new(time);
    private SightingQueue? queue;
    private Thread? thread;
    private string trouble = "";
    private string logged = "";
    private volatile bool denied;
    private long records;
    private long lost;
    private long tooLong; // since the last record
    private long last = -1;
    private long kept = -1;
    private long keptAt;
    private bool resumes;
    private bool hasNews;

    /// <inheritdoc/>
    public string Name => SourceName;

    /// <inheritdoc/>
    public string Trouble => Volatile.Read(ref trouble);

    /// <summary>True once the log turned out to be closed to the agent; it stays so until the agent starts anew.</summary>
    internal bool IsDenied => denied;

    /// <summary>Records that were read.</summary>
    internal long Records => Volatile.Read(ref records);

    /// <summary>Records that were overwritten before they were read, or could not be read; the number of the next record tells how many.</summary>
    internal long Lost => Volatile.Read(ref lost);

    /// <inheritdoc/>
    public void Start(SightingQueue queue, string? cursor)
    {
        Begin(queue, cursor);
        thread = new Thread(Run, maxStackSize: 512 * 1024) { IsBackground = true, Name = "kernel-log" };
        thread.Start();
    }

    /// <inheritdoc/>
    public void Stop()
    {
        stop.Set();
        thread?.Join(StopPatience);
    }

    /// <summary>Takes the place to begin at.</summary>
    internal void Begin(SightingQueue sightings, string? cursor)
    {
        queue = sightings;
        if (bootId.Length == 0 || cursor is null || !cursor.StartsWith(bootId + ":", StringComparison.Ordinal)) return;
        if (long.TryParse(cursor.AsSpan(bootId.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)) last = kept = sequence;
    }

    /// <summary>The log was opened, at the oldest record that it has: what was read is to be passed over.</summary>
    internal void Open() => (resumes, tooLong) = (last >= 0, 0);

    /// <summary>Reads until there is nothing more for now.</summary>
    /// <param name="log">The open log.</param>
    /// <param name="waited">True when the log was waited for, so that its next record is of just now.</param>
    /// <returns>False when the log cannot be read any more, or nobody takes sightings.</returns>
    internal bool Drain(IKernelLog log, bool waited)
    {
        var unkept = 0;
        while (!stop.IsSet)
        {
            switch (log.Read(buffer, out var length))
            {
                case KernelRead.Record:
                    if (!Take(buffer.AsSpan(0, length), waited)) return false;
                    waited = false;
                    if (++unkept >= RecordsPerCursor && !KeepCursor()) return false;
                    unkept %= RecordsPerCursor;
                    break;
                case KernelRead.Empty:
                    return last == kept || (!hasNews && time.GetElapsedTime(keptAt) < QuietCursorInterval) || KeepCursor();
                case KernelRead.Overwritten:
                    break; // the next sequence number says how many
                case KernelRead.TooLong:
                    tooLong++; // the next sequence number counts it
                    break;
                default:
                    return false;
            }
        }
        return KeepCursor();
    }

    private void Run()
    {
        while (!stop.IsSet && !denied)
        {
            try
            {
                using var log = KernelLogDevice.Open(path);
                Say("");
                Open();
                for (var waited = false; !stop.IsSet && Drain(log, waited); waited = true)
                    log.Wait(LongestWait);
                if (!stop.IsSet) Say($"{path} cannot be read any more");
            }
            catch (UnauthorizedAccessException fault)
            {
                denied = true;
                Say(fault.Message);
                return;
            }
            catch (IOException fault)
            {
                Say(fault.Message);
            }
            catch (Exception fault)
            {
                LogFault(fault);
            }
            stop.Wait(RetryInterval);
        }
    }

    private bool Take(ReadOnlySpan<byte> bytes, bool waited)
    {
        if (KernelRecord.Parse(bytes) is not { } record)
        {
            lost++;
            return true;
        }
        if (resumes && record.Sequence <= last)
        {
            tooLong = 0;
            return true;
        }
        resumes = false;
        records++;
        if (waited) clock.Anchor(record.Microseconds);
        var when = clock.TimeOf(record.Microseconds);
        var before = last;
        last = record.Sequence;
        if (before >= 0 && record.Sequence > before + 1)
        {
            if (!PutGap(before, record.Sequence, when)) return false;
        }
        else lost += tooLong; // nothing before it tells a gap
        tooLong = 0;
        var line = new KernelLine(SourceName, LineKey.Of(record.Microseconds, record.Text), when, record.Text.TrimEnd());
        context.Recent.Add(line.Time, line.Text);
        if (LineDetectors.Read(line, context) is not { } sighting) return true;
        hasNews = true;
        return queue!.Put(sighting);
    }

    private bool PutGap(long before, long next, DateTimeOffset when)
    {
        var count = next - before - 1;
        var unread = Math.Min(tooLong, count);
        var overwritten = count - unread;
        string[] parts =
        [
            .. overwritten > 0 ? [string.Create(CultureInfo.InvariantCulture, $"{overwritten} kernel log records were overwritten before they could be read")] : Array.Empty<string>(),
            .. unread > 0 ? [string.Create(CultureInfo.InvariantCulture, $"{unread} kernel log records were too long to be read")] : Array.Empty<string>(),
        ];
        lost += count;
        hasNews = true;
        return queue!.Put(new Sighting
        {
            Source = SourceName,
            Key = string.Create(CultureInfo.InvariantCulture, $"gap-{before}-{next}"),
            Time = when,
            Kind = EventKinds.Gap,
            Severity = EventSeverity.Warning,
            Title = string.Join("; ", parts),
            Details = new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["device"] = SourceName,
                ["records"] = count.ToString(CultureInfo.InvariantCulture),
            },
        });
    }

    private bool KeepCursor()
    {
        hasNews = false;
        if (last == kept) return true;
        kept = last;
        keptAt = time.GetTimestamp();
        return queue!.Put(new SourceCursor(SourceName, string.Create(CultureInfo.InvariantCulture, $"{bootId}:{last}")));
    }

    private void Say(string words)
    {
        Volatile.Write(ref trouble, words);
        if (words == logged) return;
        logged = words;
        if (words.Length == 0) LogReads(path);
        else LogTrouble(words);
    }

    [LoggerMessage(EventId = 1600, Level = LogLevel.Information, Message = "Reading the kernel log from {Path}.")]
    private partial void LogReads(string path);

    [LoggerMessage(EventId = 1601, Level = LogLevel.Warning, Message = "The kernel log is not seen: {Reason}.")]
    private partial void LogTrouble(string reason);

    [LoggerMessage(EventId = 1602, Level = LogLevel.Error, Message = "Reading the kernel log ended in a fault of the agent; it begins anew.")]
    private partial void LogFault(Exception fault);
}
