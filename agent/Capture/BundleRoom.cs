using System.Globalization;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture;

/// <summary>Keeps bundles within what they may take of the disk: the oldest that are not pinned go first, those that the collector has before others.</summary>
internal sealed partial class BundleRoom(CaptureBook book, CaptureDisk disk, CaptureSettings settings, ILogger<BundleRoom> logger)
{
    /// <summary>Bundles on the node; as many as are remembered, less those that are over without one.</summary>
    internal const int BundlesAtMost = CaptureBook.KnownAtMost / 2;

    private readonly Lock gate = new();
    private readonly Dictionary<string, int> held = new(StringComparer.Ordinal);
    private long removed;

    /// <summary>Bytes of all bundles.</summary>
    internal long Bytes => book.All().Sum(static capture => capture.Bundle?.SizeBytes ?? 0);

    /// <summary>Bundles that were removed for room since the start.</summary>
    internal long Removed => Volatile.Read(ref removed);

    /// <summary>Keeps a bundle from being removed; null where it is gone.</summary>
    internal IDisposable? Hold(string id)
    {
        lock (gate)
        {
            if (book.Find(id)?.Bundle is null) return null;
            held[id] = held.GetValueOrDefault(id) + 1;
            return new Holding(this, id);
        }
    }

    /// <summary>Makes room for one more bundle; says why there is none.</summary>
    internal CaptureRefused? Make()
    {
        if (disk.FreeBytes is { } before && before < settings.FreeSpaceFloorBytes + settings.MaximumBundleBytes) Remove(() => disk.FreeBytes < settings.FreeSpaceFloorBytes + settings.MaximumBundleBytes, onlySent: true);
        if (disk.FreeBytes is { } free && free < settings.FreeSpaceFloorBytes)
            return new CaptureRefused(CaptureRefusal.DiskFloor, string.Create(CultureInfo.InvariantCulture, $"{free >> 20} MiB are free in {disk.Root}, {settings.FreeSpaceFloorBytes >> 20} MiB must stay (capture.free_space_floor_bytes)"));
        Remove(IsFull, onlySent: false);
        return IsFull()
            ? new CaptureRefused(CaptureRefusal.DiskQuota, string.Create(CultureInfo.InvariantCulture, $"bundles that may not be removed have {Bytes >> 20} MiB, one more may have {settings.MaximumBundleBytes >> 20} MiB, all together {settings.MaximumTotalBytes >> 20} MiB (capture.maximum_total_bytes); unpin some"))
            : null;
    }

    private bool IsFull() => Bytes + settings.MaximumBundleBytes > settings.MaximumTotalBytes || book.All().Count(static capture => capture.Bundle is not null) >= BundlesAtMost;

    private void Remove(Func<bool> needed, bool onlySent)
    {
        var candidates = book.All().Where(capture => capture is { Bundle: { } bundle, Request.Pinned: false } && (!onlySent || bundle.State == BundleState.Sent))
            .OrderBy(static capture => capture.Bundle!.State != BundleState.Sent).ThenBy(static capture => capture.Bundle!.FinishedAt).ToArray();
        foreach (var capture in candidates)
        {
            if (!needed()) return;
            lock (gate)
            {
                if (held.ContainsKey(capture.Request.Id)) continue;
                disk.RemoveBundle(capture.Request.Id);
                book.Settle(capture.Request.Id, static known => known.Bundle!.State == BundleState.Waiting
                    ? (null, CaptureStage.Failed, "removed for room before the collector had it") : (null, known.Progress.Stage, known.Progress.Words));
            }
            Interlocked.Increment(ref removed);
            var state = WordsOf(capture.Bundle!.State);
            LogRemoved(capture.Request.Id, capture.Bundle.SizeBytes, state);
        }
    }

    private static string WordsOf(BundleState state) => state switch
    {
        BundleState.Sent => "the collector has it",
        BundleState.Waiting => "the collector did not have it yet",
        BundleState.Refused => "the collector refused it",
        _ => "it was on this node alone",
    };

    private void Release(string id)
    {
        lock (gate)
        {
            if (--held[id] == 0) held.Remove(id);
        }
    }

    [LoggerMessage(EventId = 2131, Level = LogLevel.Information, Message = "The bundle of capture {Capture} ({Bytes} bytes) was removed for room; {State}.")]
    private partial void LogRemoved(string capture, long bytes, string state);

    private sealed class Holding(BundleRoom room, string id) : IDisposable
    {
        private int isReleased;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isReleased, 1) == 0) room.Release(id);
        }
    }
}
