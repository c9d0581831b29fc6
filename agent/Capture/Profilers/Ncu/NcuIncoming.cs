using System.Globalization;
using System.Text.Json;
using Monitoring.Contracts.Captures;
using Monitoring.Segments;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Agent.Capture.Profilers.Ncu;

/// <summary>A report that a person's <c>gpu-run --kernels</c> handed over.</summary>
/// <param name="Request">The capture that it makes.</param>
/// <param name="Directory">Where it lies now, for the agent alone.</param>
internal sealed record NcuDrop(CaptureRequest Request, string Directory);

/// <summary>
/// Takes reports out of the folder that every user may put folders into and none may list. A folder counts once its request is there; taking it is
/// a rename into a folder for the agent alone, so that nothing is taken twice and nothing of it is changed by its path any more.
/// </summary>
/// <param name="directory">Where gpu-run puts them; made here, so that it belongs to the agent.</param>
/// <param name="node">The agent's own node.</param>
internal sealed partial class NcuIncoming(string directory, string node, TimeProvider time, ILogger<NcuIncoming> logger)
{
    internal const string RequestName = "request.json";
    internal const string ReportName = "report.ncu-rep";
    internal const string LogName = "ncu.log";

    /// <summary>A thousand launches with every section are some hundred megabytes.</summary>
    internal const long ReportBytesAtMost = 1L << 30;

    private const long RequestBytesAtMost = 64 * 1024;

    /// <summary>More than people can start in the seconds between two looks; the rest is taken with the next.</summary>
    private const int DropsAtMost = 32;

    /// <summary>gpu-run makes no folders below its own.</summary>
    private const int FoldersAtMost = 1000;

    /// <summary>A folder without a request after this was given up.</summary>
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromHours(1);

    /// <summary>After this nobody waits for the capture any more.</summary>
    private static readonly TimeSpan Wanted = TimeSpan.FromDays(1);

    private string Taken => Path.Combine(directory, ".taken");

    /// <summary>Makes the folder: everyone may put something into it, only the agent sees what is there.</summary>
    internal void Prepare()
    {
        Directory.CreateDirectory(directory);
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode Put = UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
            File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | Put | UnixFileMode.StickyBit);
        }
        PrivateDirectory.Create(Taken);
    }

    /// <summary>Takes what is ready; also what an earlier life took and did not finish, with the same ids.</summary>
    internal IReadOnlyList<NcuDrop> Take()
    {
        var drops = new List<NcuDrop>();
        try
        {
            foreach (var folder in new DirectoryInfo(directory).EnumerateDirectories("kernels.*").Take(4 * DropsAtMost).ToArray()) TakeOver(folder);
            foreach (var folder in new DirectoryInfo(Taken).EnumerateDirectories().Take(DropsAtMost))
            {
                if (Read(folder) is { } drop) drops.Add(drop);
                else Discard(folder.FullName);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogTrouble(directory, fault.Message);
        }
        return drops;
    }

    /// <summary>Where the report of a capture lies; null where there is none.</summary>
    internal string? DirectoryOf(string captureId) => EventId.IsValid(captureId) && Directory.Exists(Path.Combine(Taken, captureId)) ? Path.Combine(Taken, captureId) : null;

    /// <summary>Removes what became a bundle.</summary>
    internal void Remove(string captureId)
    {
        if (DirectoryOf(captureId) is { } folder) Discard(folder);
    }

    /// <summary>Offers a report anew, under another id, since its capture was refused for a reason that passes.</summary>
    internal void OfferAgain(string captureId)
    {
        if (DirectoryOf(captureId) is { } folder) Directory.Move(folder, Path.Combine(Taken, EventId.Of("ncu-again", captureId)));
    }

    private void TakeOver(DirectoryInfo folder)
    {
        if (folder.LinkTarget is not null) return;
        var isReady = File.Exists(Path.Combine(folder.FullName, RequestName));
        if (!isReady && time.GetUtcNow() - folder.LastWriteTimeUtc <= AbandonedAfter) return;
        try
        {
            var taken = Path.Combine(Taken, EventId.Of("ncu", node, folder.Name, folder.CreationTimeUtc.Ticks.ToString(CultureInfo.InvariantCulture)));
            Directory.Move(folder.FullName, taken);
            if (!isReady || IsLink(taken)) Discard(taken);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogRefused(fault.Message);
        }
    }

    /// <summary>
    /// Removes a folder that was taken. Its user may still hold it open and put links in the place of folders below it: so each of those is first
    /// moved to where no user comes, and nothing is removed by a path that a user can change. One that cannot be removed keeps no others from being taken.
    /// </summary>
    private void Discard(string folder)
    {
        try
        {
            var left = new Stack<string>([folder]);
            for (var moved = 0; left.TryPop(out var next); )
            {
                if (IsLink(next))
                {
                    File.Delete(next);
                    continue;
                }
                foreach (var entry in Directory.EnumerateFileSystemEntries(next).ToArray())
                {
                    if (IsLink(entry) || !Directory.Exists(entry)) File.Delete(entry);
                    else if (++moved <= FoldersAtMost)
                    {
                        left.Push(Path.Combine(Taken, EventId.Of("ncu-gone", Guid.NewGuid().ToString())));
                        Directory.Move(entry, left.Peek());
                    }
                }
                Directory.Delete(next);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogRefused(fault.Message);
        }
    }

    private static bool IsLink(string path) => new FileInfo(path).LinkTarget is not null;

    private NcuDrop? Read(DirectoryInfo folder)
    {
        var (file, words) = OpenedFile.Open(Path.Combine(folder.FullName, RequestName), RequestBytesAtMost);
        if (file is null)
        {
            LogRefused(words);
            return null;
        }
        try
        {
            using (file)
            {
                if (JsonSerializer.Deserialize(file, NcuJson.Default.NcuRequest) is { Version: 1, Profiler: ProfilerNames.Ncu } request) return new NcuDrop(Wish(folder.Name, request), folder.FullName);
            }
            LogRefused("its request is not of version 1 or not of ncu");
        }
        catch (JsonException fault)
        {
            LogRefused(fault.Message);
        }
        return null;
    }

    private CaptureRequest Wish(string id, NcuRequest request)
    {
        return new CaptureRequest
        {
            Id = id,
            Trigger = new CaptureTrigger(TriggerKinds.Person, Line(request.User), $"gpu-run --kernels {Line(request.Program)}, which ended with {request.ExitCode}"),
            Target = new CaptureTarget(node, Job: Line(request.Job)),
            Profilers = [ProfilerNames.Ncu],
            // Nothing more is recorded: the counters around the moment get a second, which no limit forbids.
            DurationSeconds = 1,
            RequestedAt = time.GetUtcNow(),
            ExpiresAt = time.GetUtcNow() + Wanted,
        };
    }

    /// <summary>What a user wrote, as one short line.</summary>
    private static string Line(string text) => string.Concat(text.Where(static letter => !char.IsControl(letter)).Take(100));

    [LoggerMessage(EventId = 2151, Level = LogLevel.Warning, Message = "Reports of gpu-run in {Directory} are not taken: {Reason}.")]
    private partial void LogTrouble(string directory, string reason);

    [LoggerMessage(EventId = 2152, Level = LogLevel.Warning, Message = "A report that gpu-run handed over is not taken: {Reason}.")]
    private partial void LogRefused(string reason);
}
