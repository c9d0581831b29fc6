namespace Monitoring.Collector.Storage;

/// <summary>
/// Entries in the order of the log, in blocks: added at the end and taken from the beginning, by one writer. Positions count on for
/// ever. Readers hold a <see cref="View"/>, which shows what was published and needs no lock.
/// </summary>
internal sealed class RecordEntries<TMarks>
    where TMarks : struct
{
    private const int BlockBits = 12;
    private const int BlockSize = 1 << BlockBits;

    private RecordEntry<TMarks>[][] blocks = [];
    private long blocksBegin;
    private volatile View published = new([], 0, 0, 0);

    /// <summary>Position of the oldest entry.</summary>
    public long Begin { get; private set; }

    /// <summary>Position after the newest entry.</summary>
    public long End { get; private set; }

    /// <summary>What readers see.</summary>
    public View Published => published;

    /// <summary>The entry at a position between <see cref="Begin"/> and <see cref="End"/>.</summary>
    public ref readonly RecordEntry<TMarks> this[long position] => ref At(blocks, position - blocksBegin);

    /// <summary>Adds an entry; readers do not see it yet.</summary>
    public void Add(in RecordEntry<TMarks> entry)
    {
        var offset = End - blocksBegin;
        if (offset == (long)blocks.Length << BlockBits) blocks = [.. blocks, new RecordEntry<TMarks>[BlockSize]];
        blocks[offset >> BlockBits][offset & (BlockSize - 1)] = entry;
        End++;
    }

    /// <summary>Takes away the newest entry, which no reader has seen.</summary>
    public void RemoveLast() => End--;

    /// <summary>Takes away the oldest entry.</summary>
    public void RemoveFirst()
    {
        Begin++;
        if (Begin - blocksBegin < BlockSize) return;
        blocks = blocks[1..];
        blocksBegin += BlockSize;
    }

    /// <summary>Shows readers what there is.</summary>
    public void Publish() => published = new View(blocks, blocksBegin, Begin, End);

    private static ref readonly RecordEntry<TMarks> At(RecordEntry<TMarks>[][] blocks, long offset) => ref blocks[offset >> BlockBits][offset & (BlockSize - 1)];

    /// <summary>The entries of one moment.</summary>
    internal sealed class View(RecordEntry<TMarks>[][] blocks, long blocksBegin, long begin, long end)
    {
        /// <summary>Position after the newest entry.</summary>
        public long End => end;

        /// <summary>Number of entries.</summary>
        public long Count => end - begin;

        private ref readonly RecordEntry<TMarks> this[long position] => ref At(blocks, position - blocksBegin);

        /// <summary>Whether a record with this place in the log is among them.</summary>
        public bool HasSequence(ulong sequence) => Position(sequence) is var position && position < end && this[position].Sequence == sequence;

        /// <summary>How many records are at this place in the log or behind it.</summary>
        public long CountFrom(ulong sequence) => end - Position(sequence);

        /// <summary>The places of the newest records behind a cursor that may be what is asked for, newest first.</summary>
        public List<RecordCursor> Find<TSought>(TSought sought, RecordCursor? after, int most)
            where TSought : struct, ISought<TMarks>
        {
            // The least of the best is on top and gives way.
            var best = new PriorityQueue<RecordCursor, RecordCursor>();
            var (since, until) = (sought.SinceTicks, sought.UntilTicks);
            for (var position = end - 1; position >= begin; position--)
            {
                ref readonly var entry = ref this[position];
                if (entry.TimeTicks < since || entry.TimeTicks > until || !sought.MayBe(entry.Marks)) continue;
                var cursor = new RecordCursor(entry.TimeTicks, entry.Sequence);
                if (after is { } border && cursor.CompareTo(border) >= 0) continue;
                if (best.Count < most) best.Enqueue(cursor, cursor);
                else if (cursor.CompareTo(best.Peek()) > 0) best.DequeueEnqueue(cursor, cursor);
            }

            var found = new List<RecordCursor>(best.Count);
            while (best.TryDequeue(out var cursor, out _)) found.Add(cursor);
            found.Reverse();
            return found;
        }

        /// <summary>The place in the log of a record; null where it is not kept.</summary>
        public ulong? Find(RecordKey key)
        {
            for (var position = end - 1; position >= begin; position--)
                if (this[position].Key == key) return this[position].Sequence;
            return null;
        }

        /// <summary>The position of the first record at this place in the log or behind it.</summary>
        private long Position(ulong sequence)
        {
            var (low, high) = (begin, end);
            while (low < high)
            {
                var middle = low + ((high - low) / 2);
                if (this[middle].Sequence < sequence) low = middle + 1;
                else high = middle;
            }

            return low;
        }
    }
}
