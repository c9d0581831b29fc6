using System.Text;
using System.Text.Json;
using Monitoring.Contracts.Captures;
using Monitoring.Segments;

namespace Monitoring.Collector.Captures;

/// <summary>
/// What of the catalogue is not in the bundles, on disk: wishes, the nodes' last words and pins. Each new segment begins with all that
/// holds, so that the oldest can go. One thread at a time writes.
/// </summary>
internal sealed class CaptureJournal : IDisposable
{
    /// <summary>Longest wish or word that is written; usual ones have a tenth of it.</summary>
    public const int MostRecordBytes = 16 << 10;

    // All that may be open at its longest, so that a snapshot never fills a segment; usual ones take a few megabytes.
    private const long SegmentBytes = 2L * CaptureCatalogue.MostOpen * MostRecordBytes;
    private const long MaximumBytes = 2 * SegmentBytes;

    private readonly SegmentLog log;
    private bool isSnapshotDue;

    /// <summary>Opens the journal of a directory.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    public CaptureJournal(string directory, TimeProvider time, Action<SegmentDamage>? damaged = null)
    {
        log = SegmentLog.Open(directory, new SegmentLogOptions { MaximumBytes = MaximumBytes, SegmentBytes = SegmentBytes, SegmentStarted = _ => WriteSnapshot(), Damaged = damaged }, time);
    }

    private enum RecordType : byte { Request = 1, Progress, Pin, Unpin, Forget }

    /// <summary>All that holds now: captures, and what people said of pins. Set before the first write.</summary>
    public Func<(IEnumerable<CaptureRecord> Captures, IEnumerable<KeyValuePair<string, bool>> Pins)> Snapshot { get; set; } = static () => ([], []);

    /// <summary>Tells everything that was written, in order.</summary>
    public void Replay(Action<CaptureRequest> requested, Action<CaptureProgress> progressed, Action<string, bool> pinned, Action<string> forgotten)
    {
        foreach (var record in log.Read())
        {
            try
            {
                switch ((RecordType)record.Type)
                {
                    case RecordType.Request when JsonSerializer.Deserialize(record.Payload.Span, CaptureJson.Default.CaptureRequest) is { } request: requested(request); break;
                    case RecordType.Progress when JsonSerializer.Deserialize(record.Payload.Span, CaptureJson.Default.CaptureProgress) is { } progress: progressed(progress); break;
                    case RecordType.Pin or RecordType.Unpin: pinned(Encoding.ASCII.GetString(record.Payload.Span), (RecordType)record.Type == RecordType.Pin); break;
                    case RecordType.Forget: forgotten(Encoding.ASCII.GetString(record.Payload.Span)); break;
                }
            }
            catch (JsonException)
            {
                // Written by a later version: the checksum holds. What it says is lost, the bundle is not.
            }
        }
    }

    /// <summary>Writes a wish; it is on disk when the call returns.</summary>
    /// <exception cref="IOException">It is not.</exception>
    /// <exception cref="ArgumentException">It is too long.</exception>
    public void Request(CaptureRequest request) => Write(RecordType.Request, JsonSerializer.SerializeToUtf8Bytes(request, CaptureJson.Default.CaptureRequest), isFlushed: true);

    /// <summary>Writes a node's word; it outlives the process, and a power cut with the next flush.</summary>
    /// <exception cref="IOException">It is not written.</exception>
    /// <exception cref="ArgumentException">It is too long.</exception>
    public void Progress(CaptureProgress progress, bool isFlushed) => Write(RecordType.Progress, JsonSerializer.SerializeToUtf8Bytes(progress, CaptureJson.Default.CaptureProgress), isFlushed);

    /// <summary>Writes that a capture is pinned, or no more.</summary>
    /// <exception cref="IOException">It is not written.</exception>
    public void Pin(string id, bool isPinned) => Write(isPinned ? RecordType.Pin : RecordType.Unpin, Encoding.ASCII.GetBytes(id), isFlushed: true);

    /// <summary>Writes that nothing is known of a capture any more.</summary>
    /// <exception cref="IOException">It is not written.</exception>
    public void Forget(string id) => Write(RecordType.Forget, Encoding.ASCII.GetBytes(id), isFlushed: false);

    /// <inheritdoc/>
    public void Dispose() => log.Dispose();

    private void Write(RecordType type, ReadOnlySpan<byte> payload, bool isFlushed)
    {
        if (payload.Length > MostRecordBytes) throw new ArgumentException($"{payload.Length} bytes are over the limit of {MostRecordBytes}.");
        try
        {
            // After a failure nobody knows what is missing: a new segment says everything anew.
            if (isSnapshotDue) log.Rotate();
            log.Append((byte)type, payload);
            if (isFlushed) log.Flush();
            isSnapshotDue = false;
        }
        catch (IOException)
        {
            isSnapshotDue = true;
            throw;
        }
    }

    private void WriteSnapshot()
    {
        var (captures, pins) = Snapshot();
        foreach (var record in captures)
        {
            // A bundle says who asked for it, and that nothing more will happen.
            if (record is { Manifest: null, Request: { } request }) log.Append((byte)RecordType.Request, JsonSerializer.SerializeToUtf8Bytes(request, CaptureJson.Default.CaptureRequest));
            if (record is { Manifest: null, Progress: { } progress }) log.Append((byte)RecordType.Progress, JsonSerializer.SerializeToUtf8Bytes(progress, CaptureJson.Default.CaptureProgress));
        }
        foreach (var (id, isPinned) in pins) log.Append((byte)(isPinned ? RecordType.Pin : RecordType.Unpin), Encoding.ASCII.GetBytes(id));
        log.Flush();
    }
}
