using System.Globalization;
using System.Text;
using Monitoring.Agent.Detection.KernelLog;
using Monitoring.Agent.Devices.Kernel;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.FabricManager;

/// <summary>
/// Errors in Fabric Manager's own log, followed through rotation. Its cursor is <c>inode:offset</c>; without one, the file is read from
/// its start and lines of before this boot are passed over.
/// </summary>
/// <param name="path">The log, <c>/var/log/fabricmanager.log</c>.</param>
internal sealed partial class FabricManagerSource(string path, TimeProvider time, ILogger<FabricManagerSource> logger) : IEventSource, IDisposable
{
    internal const string SourceName = "fabricmanager";

    private const int LongestLine = 8192;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);

    private readonly FollowedFile file = new(path);
    private readonly StopSignal stop = new();
    private readonly byte[] chunk = new byte[16 * 1024];
    private readonly byte[] part = new byte[LongestLine];

    // The timestamps of TimeProvider.System count from boot.
    private readonly DateTimeOffset booted = time.GetUtcNow() - time.GetElapsedTime(0);
    private int partLength;
    private bool isTooLong;
    private long lineStart;
    private long tooLong;
    private bool isThere;
    private string kept = "";
    private SightingQueue? queue;
    private Thread? thread;
    private string trouble = "";
    private string logged = "";

    /// <inheritdoc/>
    public string Name => SourceName;

    /// <inheritdoc/>
    public string Trouble => Volatile.Read(ref trouble);

    /// <inheritdoc/>
    public bool IsInUse => Volatile.Read(ref isThere) || Trouble.Length > 0;

    /// <inheritdoc/>
    public (string Reason, long Count)? Dropped => IsInUse ? ("too_long", Volatile.Read(ref tooLong)) : null;

    /// <inheritdoc/>
    public void Start(SightingQueue queue, string? cursor)
    {
        Begin(queue, cursor);
        thread = new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = "fabricmanager-log" };
        thread.Start();
    }

    /// <inheritdoc/>
    public void Stop()
    {
        stop.Set();
        thread?.Join(StopPatience);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        file.Dispose();
    }

    /// <summary>Takes the place to begin at.</summary>
    internal void Begin(SightingQueue sightings, string? cursor)
    {
        queue = sightings;
        file.Restarted += Restart;
        if (cursor?.Split(':') is [var inode, var offset]
            && ulong.TryParse(inode, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var place))
        {
            file.Resume(number, place);
            lineStart = file.Offset;
            kept = cursor;
        }
    }

    /// <summary>Reads what was appended; a node without Fabric Manager has no such file, which is no trouble.</summary>
    internal void Drain()
    {
        try
        {
            while (!stop.IsSet && file.Read(chunk) is > 0 and var count) Take(chunk.AsSpan(0, count));
            Say("");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Say(fault.Message);
        }
        Volatile.Write(ref isThere, file.Inode != 0);
        KeepCursor();
    }

    private void Run()
    {
        do
        {
            try
            {
                Drain();
            }
            catch (Exception fault)
            {
                LogFault(fault);
            }
        }
        while (!stop.Wait(Interval));
    }

    private void Restart()
    {
        partLength = 0;
        isTooLong = false;
        lineStart = 0;
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var end = bytes.IndexOf((byte)'\n');
            var piece = end < 0 ? bytes : bytes[..end];
            if (piece.Length > part.Length - partLength) isTooLong = true;
            else
            {
                piece.CopyTo(part.AsSpan(partLength));
                partLength += piece.Length;
            }
            if (end < 0) return;
            bytes = bytes[(end + 1)..];
            if (isTooLong) Volatile.Write(ref tooLong, tooLong + 1);
            else Take(Encoding.UTF8.GetString(part, 0, partLength));
            partLength = 0;
            isTooLong = false;
            lineStart = file.Offset - bytes.Length;
        }
    }

    private void Take(string text)
    {
        if (FabricManagerLine.Parse(text, time.LocalTimeZone) is not { IsError: true } line || (kept.Length == 0 && line.Time < booted)) return;
        queue!.Put(new Sighting
        {
            Source = SourceName,
            // Rotation that copies and truncates gives the same file the same places again.
            Key = string.Create(CultureInfo.InvariantCulture, $"{file.Inode}:{LineKey.Of(lineStart, text)}"),
            Time = line.Time,
            Kind = EventKinds.Fabric,
            Severity = line.Severity,
            Component = Components.Fabric,
            Title = $"Fabric Manager: {line.Message}",
            RawLine = text,
            Details = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["level"] = line.Level },
            SuggestedAction = "Look at the state of Fabric Manager and its log; drain the node before it is restarted.",
        });
    }

    private void KeepCursor()
    {
        var now = string.Create(CultureInfo.InvariantCulture, $"{file.Inode}:{lineStart}");
        if (file.Inode == 0 || now == kept) return;
        kept = now;
        queue!.Put(new SourceCursor(SourceName, now));
    }

    private void Say(string words)
    {
        Volatile.Write(ref trouble, words);
        if (words == logged) return;
        logged = words;
        if (words.Length > 0) LogTrouble(path, words);
    }

    [LoggerMessage(EventId = 1620, Level = LogLevel.Warning, Message = "Fabric Manager's log {Path} is not seen: {Reason}.")]
    private partial void LogTrouble(string path, string reason);

    [LoggerMessage(EventId = 1621, Level = LogLevel.Error, Message = "Reading Fabric Manager's log ended in a fault of the agent; it goes on.")]
    private partial void LogFault(Exception fault);
}
