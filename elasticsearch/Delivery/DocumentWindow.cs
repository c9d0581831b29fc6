namespace Monitoring.Elasticsearch.Delivery;

/// <summary>
/// The documents that are read and not settled: fresh ones, those that wait for another attempt, and groups in which one document is
/// suspected of spoiling the others. It is bounded; those that are under way count too.
/// </summary>
/// <param name="documentsAtMost">Documents at which no more are read.</param>
/// <param name="bytesAtMost">Bytes at which no more are read.</param>
internal sealed class DocumentWindow(int documentsAtMost, long bytesAtMost)
{
    private readonly Queue<WaitingDocument> fresh = new();
    private readonly PriorityQueue<WaitingDocument, (TimeSpan Due, ulong Place)> retries = new();
    private readonly Queue<IReadOnlyList<WaitingDocument>> suspects = new();
    private bool isFreshFirst;

    /// <summary>Documents that are not settled.</summary>
    internal int Documents { get; private set; }

    /// <summary>Their bytes in requests.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Documents that were not sent yet.</summary>
    internal int Fresh => fresh.Count;

    /// <summary>Bytes of those.</summary>
    internal long FreshBytes { get; private set; }

    /// <summary>Documents that may be read now.</summary>
    internal int Room => Bytes < bytesAtMost ? Math.Max(0, documentsAtMost - Documents) : 0;

    /// <summary>Bytes that may be read now.</summary>
    internal long RoomBytes => Math.Max(0, bytesAtMost - Bytes);

    /// <summary>Takes a document in.</summary>
    /// <param name="waiting">The document.</param>
    /// <param name="isToBeSent">False for one that will only be settled.</param>
    internal void Add(WaitingDocument waiting, bool isToBeSent)
    {
        Documents++;
        Bytes += waiting.Bytes;
        if (!isToBeSent) return;
        fresh.Enqueue(waiting);
        FreshBytes += waiting.Bytes;
    }

    /// <summary>A document is to be sent once more, not before it is due.</summary>
    internal void Retry(WaitingDocument waiting, TimeSpan due) => retries.Enqueue(waiting, (due, waiting.Document.Place));

    /// <summary>Documents of which one is to blame are to be sent in halves, and with no others.</summary>
    internal void Suspect(IReadOnlyList<WaitingDocument> group)
    {
        var half = group.Count / 2;
        suspects.Enqueue([.. group.Take(half)]);
        suspects.Enqueue([.. group.Skip(half)]);
    }

    /// <summary>A document is settled.</summary>
    internal void Remove(WaitingDocument waiting)
    {
        Documents--;
        Bytes -= waiting.Bytes;
    }

    /// <summary>Takes what the next request carries; null where nothing is due.</summary>
    internal IReadOnlyList<WaitingDocument>? Take(TimeSpan now, int documents, long bytes, TimeSpan age)
    {
        if (suspects.TryDequeue(out var group)) return group;
        var batch = new List<WaitingDocument>();
        long taken = 0;
        var isRetryDue = retries.TryPeek(out _, out var first) && first.Due <= now;
        // Fresh ones that are not yet many nor old go along with what is sent anyway.
        var isFreshDue = isRetryDue || (FreshDue(documents, bytes, age) is { } due && due <= now);
        // In turns: else as many as fill a request, and fail each time, would let no other through.
        if (isFreshFirst && isFreshDue) TakeFresh();
        while (retries.TryPeek(out var next, out var order) && order.Due <= now && Fits(next)) Put(retries.Dequeue());
        if (isFreshDue) TakeFresh();
        isFreshFirst = isRetryDue && !isFreshFirst;
        return batch.Count > 0 ? batch : null;

        void TakeFresh()
        {
            while (fresh.TryPeek(out var next) && Fits(next))
            {
                FreshBytes -= next.Bytes;
                Put(fresh.Dequeue());
            }
        }

        bool Fits(WaitingDocument waiting) => batch.Count == 0 || (batch.Count < documents && taken + waiting.Bytes <= bytes);

        void Put(WaitingDocument waiting)
        {
            batch.Add(waiting);
            taken += waiting.Bytes;
        }
    }

    /// <summary>When <see cref="Take"/> has something; null for never, as it stands.</summary>
    internal TimeSpan? NextDue(int documents, long bytes, TimeSpan age)
    {
        if (suspects.Count > 0) return TimeSpan.Zero;
        var due = FreshDue(documents, bytes, age);
        return retries.TryPeek(out _, out var order) && (due is null || order.Due < due) ? order.Due : due;
    }

    /// <summary>When fresh ones go; at once where no others can come to share their request.</summary>
    private TimeSpan? FreshDue(int documents, long bytes, TimeSpan age) =>
        fresh.TryPeek(out var oldest) ? fresh.Count >= documents || FreshBytes >= bytes || Room == 0 ? TimeSpan.Zero : oldest.ReadAt + age : null;
}
