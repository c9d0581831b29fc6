namespace Monitoring.Collector.Events;

/// <summary>
/// Entries in the order of the log, in blocks: added at the end and taken from the beginning, by one writer. Positions count on for
/// ever. Readers hold a <see cref="View"/>, which shows what was published and needs no lock.
/// </summary>
internal sealed class EventEntries
{
    private const int BlockBits = 12;
    private const int BlockSize = 1 << BlockBits;

    private EventEntry[][] blocks = [];
    private long blocksBegin;
    private volatile View published = new([], 0, 0, 0);

    /// <summary>Position of the oldest entry.</summary>
    public long Begin { get; private set; }

    /// <summary>Position after the newest entry.</summary>
    public long End { get; private set; }

    /// <summary>What readers see.</summary>
    public View Published => published;

    /// <summary>The entry at a position between <see cref="Begin"/> and <see cref="End"/>.</summary>
    public ref readonly EventEntry this[long position] => ref At(blocks, position - blocksBegin);

    /// <summary>Adds an entry; readers do not see it yet.</summary>
    public void Add(in EventEntry entry)
    {
        var offset = End - blocksBegin;
        if (offset == (long)blocks.Length << BlockBits) blocks = [.. blocks, new EventEntry[BlockSize]];
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

    private static ref readonly EventEntry At(EventEntry[][] blocks, long offset) => ref blocks[offset >> BlockBits][offset & (BlockSize - 1)];

    /// <summary>The entries of one moment.</summary>
    internal sealed class View(EventEntry[][] blocks, long blocksBegin, long begin, long end)
    {
        /// <summary>Position of the oldest entry.</summary>
        public long Begin => begin;

        /// <summary>Position after the newest entry.</summary>
        public long End => end;

        /// <summary>Number of entries.</summary>
        public long Count => end - begin;

        /// <summary>The entry at a position.</summary>
        public ref readonly EventEntry this[long position] => ref At(blocks, position - blocksBegin);

        /// <summary>Whether an event with this place in the log is among them.</summary>
        public bool HasSequence(long sequence) => Position(sequence) is var position && position < end && this[position].Sequence == sequence;

        /// <summary>How many events are at this place in the log or behind it.</summary>
        public long CountFrom(long sequence) => end - Position(sequence);

        /// <summary>The position of the first event at this place in the log or behind it.</summary>
        private long Position(long sequence)
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
