namespace Monitoring.Collector.Events;

/// <summary>
/// Finds events by id: a hash table of 4-byte positions whose ids stand in the entries themselves, with linear probing. 6 to 11 bytes an
/// event; with the 16 bytes of the id itself and the rest of the entry, 10 million events take about 650 MB.
/// </summary>
internal sealed class EventIdTable
{
    // Positions count on for ever; in the table they wrap around here, far beyond what is kept at once, and 0 stays free for "empty".
    private const long Wrap = uint.MaxValue;

    private const int FirstSlots = 1024;
    private const double MostFilled = 0.7;

    private uint[] slots = new uint[FirstSlots];
    private int count;

    /// <summary>Adds an id that is not in the table.</summary>
    public void Add(EventKey key, long position, EventEntries entries)
    {
        if (count + 1 > slots.Length * MostFilled) Grow(entries);
        Place(key, ToSlot(position));
        count++;
    }

    /// <summary>The position of an id; -1 where it is not in the table.</summary>
    public long Find(EventKey key, EventEntries entries)
    {
        for (var index = Home(key); slots[index] != 0; index = Next(index))
        {
            var position = ToPosition(slots[index], entries);
            if (entries[position].Key == key) return position;
        }

        return -1;
    }

    /// <summary>Removes an id while its entry is still there.</summary>
    public void Remove(EventKey key, EventEntries entries)
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

    private static long ToPosition(uint slot, EventEntries entries)
    {
        var ahead = (slot - 1 - (entries.Begin % Wrap) + Wrap) % Wrap;
        return entries.Begin + ahead;
    }

    private void Grow(EventEntries entries)
    {
        var old = slots;
        slots = new uint[old.Length * 2];
        foreach (var slot in old)
            if (slot != 0) Place(entries[ToPosition(slot, entries)].Key, slot);
    }

    private void Place(EventKey key, uint slot)
    {
        var index = Home(key);
        while (slots[index] != 0) index = Next(index);
        slots[index] = slot;
    }

    // The hash is seeded by the process: whoever makes up ids cannot make them collide.
    private int Home(EventKey key) => HashCode.Combine(key.High, key.Low) & (slots.Length - 1);

    private int Next(int index) => (index + 1) & (slots.Length - 1);

    private int Distance(int from, int to) => (to - from) & (slots.Length - 1);
}
