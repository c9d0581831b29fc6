using Monitoring.Segments;

namespace Monitoring.Collector.Commands;

/// <summary>Who keeps a part of the state of commands: told what the journal holds at the start, asked for what still counts whenever the journal begins anew.</summary>
internal interface IJournalled
{
    /// <summary>Takes a record that was kept before; records of others are passed over.</summary>
    void Restore(JournalRecord type, ReadOnlySpan<byte> json);

    /// <summary>Every record that still counts.</summary>
    IEnumerable<(JournalRecord Type, byte[] Json)> Living();
}

/// <summary>Types of records in the journal; numbers are on disk and never change.</summary>
internal enum JournalRecord : byte
{
    /// <summary>A command that waits for its agent.</summary>
    Command = 1,

    /// <summary>A command that waits no longer.</summary>
    Settled = 2,

    /// <summary>What was answered to a wish.</summary>
    Order = 3,

    /// <summary>A capture that was let into the budget, or is over.</summary>
    Lease = 4,
}

/// <summary>
/// What of commands must outlive the collector: those that wait, the wishes that were answered and the budget that is spent. A log of
/// segments; each begins with all that still counts, so that the older ones are not needed. Without a state directory nothing outlives.
/// </summary>
internal sealed partial class CommandJournal : IDisposable
{
    // All that can count at once: 2,000 commands and as many wishes of some kilobytes, and leases of two hundred bytes. A segment holds it.
    private const long BytesAtMost = 64L << 20;
    private const long SegmentBytes = 16L << 20;
    private const string Folder = "commands";

    private readonly ILogger<CommandJournal> logger;
    private readonly List<IJournalled> parts = [];
    private readonly SegmentLog? log;
    private bool isFailing;

    private CommandJournal(ILogger<CommandJournal> logger, Func<Action<SegmentLog>, SegmentLog?> open)
    {
        this.logger = logger;
        log = open(segment => AppendLiving(segment));
    }

    /// <summary>Guards the state of every part as well as the log: a new segment asks all parts while one of them is writing.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Times that something could not be written.</summary>
    public long Failures { get; private set; }

    /// <summary>Opens the journal of a state directory.</summary>
    /// <param name="stateDirectory">The directory; empty keeps nothing.</param>
    /// <exception cref="IOException">It is in use or cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read or written.</exception>
    public static CommandJournal Open(string stateDirectory, TimeProvider time, ILogger<CommandJournal> logger) => new(logger, started => stateDirectory.Length == 0 ? null : SegmentLog.Open(
        Path.Combine(stateDirectory, Folder),
        new SegmentLogOptions { MaximumBytes = BytesAtMost, SegmentBytes = SegmentBytes, SegmentStarted = started, Damaged = damage => LogDamaged(logger, damage.Path, damage.Offset, damage.Reason) },
        time));

    /// <summary>Adds a part and gives it what the journal holds.</summary>
    public void Add(IJournalled part)
    {
        lock (Gate)
        {
            foreach (var record in log?.Read() ?? []) part.Restore((JournalRecord)record.Type, record.Payload.Span);
            parts.Add(part);
        }
    }

    /// <summary>Keeps a record; it outlives the process at once, a power cut after <see cref="Flush"/>. Call it with <see cref="Gate"/> held.</summary>
    /// <returns>False where it could not be written, as on a full disk.</returns>
    public bool TryAppend(JournalRecord type, ReadOnlySpan<byte> json)
    {
        if (log is null) return true;
        try
        {
            log.Append((byte)type, json);
            return Succeeded();
        }
        catch (Exception fault) when (fault is IOException or ArgumentException)
        {
            return Failed(fault);
        }
    }

    /// <summary>Puts what was kept on disk.</summary>
    public void Flush()
    {
        lock (Gate)
        {
            try
            {
                log?.Flush();
            }
            catch (IOException fault)
            {
                Failed(fault);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => log?.Dispose();

    private void AppendLiving(SegmentLog segment)
    {
        foreach (var (type, json) in parts.SelectMany(static part => part.Living())) segment.Append((byte)type, json);
    }

    private bool Succeeded()
    {
        if (isFailing) LogRecovered(logger);
        isFailing = false;
        return true;
    }

    private bool Failed(Exception fault)
    {
        Failures++;
        if (!isFailing) LogFailing(logger, fault.Message);
        isFailing = true;
        return false;
    }

    [LoggerMessage(EventId = 5150, Level = LogLevel.Error, Message = "Commands to agents cannot be kept: {Fault}. New requests for captures are refused until the disk takes them again.")]
    private static partial void LogFailing(ILogger logger, string fault);

    [LoggerMessage(EventId = 5151, Level = LogLevel.Information, Message = "Commands to agents are kept again.")]
    private static partial void LogRecovered(ILogger logger);

    [LoggerMessage(EventId = 5152, Level = LogLevel.Error, Message = "The segment {Path} of commands is damaged at byte {Offset}: {Reason}. Requests that stood behind it are lost.")]
    private static partial void LogDamaged(ILogger logger, string path, long offset, string reason);
}
