namespace Monitoring.Collector.Storage;

/// <summary>
/// Finds records by key: a hash table of 4-byte positions whose keys stand in the entries themselves, with linear probing. 6 to 11 bytes a
/// record; with entries of 56 bytes, 10 million records take about 650 MB.
/// </summary>
internal sealed class RecordKeyTable<TMarks>
    where TMarks : struct
{
    // Positions count on for ever; in the table they wrap around here, far beyond what is kept at once, and 0 stays free for "empty".
    private const long Wrap = uint.MaxValue;

    private const int FirstSlots = 1024;
    private const double MostFilled = 0.7;

    private uint[] slots = new uint[FirstSlots];
    private int count;

    /// <summary>Adds a key that is not in the table.</summary>
    public void Add(RecordKey key, long position, RecordEntries<TMarks> entries)
    {
        if (count + 1 > slots.Length * MostFilled) Grow(entries);
        Place(key, ToSlot(position));
        count++;
    }

    /// <summary>The position of a key; -1 where it is not in the table.</summary>
    public long Find(RecordKey key, RecordEntries<TMarks> entries)
    {
        for (var index = Home(key); slots[index] != 0; index = Next(index))
        {
            var position = ToPosition(slots[index], entries);
            if (entries[position].Key == key) return position;
        }

        return -1;
    }

    /// <summary>Removes a key while its entry is still there.</summary>
    public void Remove(RecordKey key, RecordEntries<TMarks> entries)
    {
        var hole = Home(key);
        while (slots[hole] != 0 && entries[ToPosition(slots[hole], entries)].Key != key) hole = Next(hole);
        if (slots[hole] == 0) return;

        // What follows in the run moves up, so that no search ends at the hole.
        for (var index = Next(hole); slots[index] != 0; index = Next(index))
        {
            var home = Home(entries[ToPosition(slots[index], entries)].Key);
            if (Distance(home, index) < Distance(hole, index)) continue;
            slots[hole] = slots[index];
            hole = index;
        }

        slots[hole] = 0;
        count--;
    }

    private static uint ToSlot(long position) => (uint)(position % Wrap) + 1;

    private static long ToPosition(uint slot, RecordEntries<TMarks> entries)
    {
        var ahead = (slot - 1 - (entries.Begin % Wrap) + Wrap) % Wrap;
        return entries.Begin + ahead;
    }

    private void Grow(RecordEntries<TMarks> entries)
    {
        var old = slots;
        slots = new uint[old.Length * 2];
        foreach (var slot in old)
            if (slot != 0) Place(entries[ToPosition(slot, entries)].Key, slot);
    }

    private void Place(RecordKey key, uint slot)
    {
        var index = Home(key);
        while (slots[index] != 0) index = Next(index);
        slots[index] = slot;
    }

    // The hash is seeded by the process: whoever makes up keys cannot make them collide.
    private int Home(RecordKey key) => HashCode.Combine(key.High, key.Low) & (slots.Length - 1);

    private int Next(int index) => (index + 1) & (slots.Length - 1);

    private int Distance(int from, int to) => (to - from) & (slots.Length - 1);
}
