using System.ComponentModel;
using System.Diagnostics;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Detection.KernelLog;

/// <summary>
/// The kernel's log out of the systemd journal, by a child process <c>journalctl</c>, for agents that may not read the device. Its cursor
/// is the journal's. Keys are those of the device (<see cref="LineKey"/>), so that an agent that may read the device after its next start
/// makes no second event of a record.
/// </summary>
/// <param name="program">The program, <c>journalctl</c>.</param>
/// <param name="isNeeded">True once the device is known to be closed.</param>
/// <param name="context">What detectors may ask.</param>
internal sealed partial class JournalSource(string program, Func<bool> isNeeded, LineContext context, TimeProvider time, ILogger<JournalSource> logger) : IEventSource
{
    internal const string SourceName = "journal";

    private static readonly TimeSpan NeedInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RestartInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan QuietCursorInterval = TimeSpan.FromSeconds(10);

    private readonly StopSignal stop = new();
    private readonly Lock gate = new();
    private SightingQueue? queue;
    private Thread? thread;
    private Process? child;
    private string trouble = "";
    private string logged = "";
    private string? cursor;
    private long keptAt;
    private long records;
    private long lost;

    /// <inheritdoc/>
    public string Name => SourceName;

    /// <inheritdoc/>
    public string Trouble => Volatile.Read(ref trouble);

    /// <inheritdoc/>
    public bool IsInUse => isNeeded();

    /// <summary>Records that were read.</summary>
    internal long Records => Volatile.Read(ref records);

    /// <summary>Records that could not be read.</summary>
    internal long Lost => Volatile.Read(ref lost);

    /// <inheritdoc/>
    public void Start(SightingQueue queue, string? cursor)
    {
        this.queue = queue;
        this.cursor = cursor;
        thread = new Thread(Run, maxStackSize: 512 * 1024) { IsBackground = true, Name = "journal" };
        thread.Start();
    }

    /// <inheritdoc/>
    public void Stop()
    {
        stop.Set();
        lock (gate) Kill();
        thread?.Join(StopPatience);
    }

    private void Run()
    {
        while (!isNeeded())
            if (stop.Wait(NeedInterval)) return;
        while (!stop.IsSet)
        {
            try
            {
                Follow();
            }
            catch (Win32Exception fault)
            {
                Say($"{program} cannot be started: {fault.Message}");
            }
            catch (Exception fault)
            {
                LogFault(fault);
            }
            stop.Wait(RestartInterval);
        }
    }

    /// <summary>Runs the program until it ends.</summary>
    private void Follow()
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in (ReadOnlySpan<string>)["--dmesg", "--output=json", "--follow", "--no-tail", "--no-pager", "--quiet"]) start.ArgumentList.Add(argument);
        if (cursor is not null) start.ArgumentList.Add($"--after-cursor={cursor}");
        using var process = new Process { StartInfo = start };
        var said = "";
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { Length: > 0 and < 1000 } words) Volatile.Write(ref said, words);
        };
        lock (gate)
        {
            if (stop.IsSet) return;
            process.Start();
            child = process;
        }
        process.BeginErrorReadLine();
        var before = records;
        try
        {
            while (process.StandardOutput.ReadLine() is { } line)
                if (!Take(line)) return;
        }
        finally
        {
            lock (gate)
            {
                Kill();
                child = null;
            }
        }
        process.WaitForExit();
        if (stop.IsSet) return;
        // A journal that was vacuumed or replaced does not know the place any more; its records are told apart by their keys.
        if (records == before && process.ExitCode != 0) cursor = null;
        Say($"{program} ended with exit code {process.ExitCode}{(Volatile.Read(ref said) is { Length: > 0 } words ? ": " + words : "")}");
    }

    private bool Take(string line)
    {
        if (JournalEntry.Parse(line) is not { } entry)
        {
            lost++;
            return true;
        }
        records++;
        Say("");
        cursor = entry.Cursor;
        context.Recent.Add(entry.Time, entry.Text);
        var sighting = LineDetectors.Read(new KernelLine(SourceName, LineKey.Of(entry.Microseconds, entry.Text), entry.Time, entry.Text), context);
        if (sighting is not null && !queue!.Put(sighting)) return false;
        if (sighting is null && time.GetElapsedTime(keptAt) < QuietCursorInterval) return true;
        keptAt = time.GetTimestamp();
        return queue!.Put(new SourceCursor(SourceName, entry.Cursor));
    }

    private void Kill()
    {
        try
        {
            if (child is { HasExited: false }) child.Kill();
        }
        catch (Exception fault) when (fault is InvalidOperationException or Win32Exception)
        {
            // It ended by itself in the meantime.
        }
    }

    private void Say(string words)
    {
        Volatile.Write(ref trouble, words);
        if (words == logged) return;
        logged = words;
        if (words.Length == 0) LogReads();
        else LogTrouble(words);
    }

    [LoggerMessage(EventId = 1610, Level = LogLevel.Information, Message = "Reading the kernel log from the journal.")]
    private partial void LogReads();

    [LoggerMessage(EventId = 1611, Level = LogLevel.Warning, Message = "The kernel log is not seen in the journal: {Reason}.")]
    private partial void LogTrouble(string reason);

    [LoggerMessage(EventId = 1612, Level = LogLevel.Error, Message = "Following the journal ended in a fault of the agent; it begins anew.")]
    private partial void LogFault(Exception fault);
}
