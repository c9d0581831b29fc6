using System.Globalization;
using System.Text;
using Monitoring.Segments;

namespace Monitoring.Elasticsearch.Spool;

/// <summary>
/// Turns documents that are settled in any order into one place before which all is settled, in a small file that outlives the process.
/// Places are given out in ascending order, with gaps or without. Any thread may use it.
/// </summary>
public sealed class PlaceLedger
{
    private readonly Lock gate = new();
    private readonly Queue<ulong> order = new(); // given out, oldest first; settled ones stay until those before them are
    private readonly HashSet<ulong> open = []; // of these, those that are not settled
    private readonly string path;
    private ulong last;

    private PlaceLedger(string path, ulong settled)
    {
        this.path = path;
        last = Settled = Durable = settled;
    }

    /// <summary>Everything up to this place is settled; 0 for nothing.</summary>
    public ulong Settled { get; private set; }

    /// <summary>What of it is on disk: after a sudden end, documents behind this place come again.</summary>
    public ulong Durable { get; private set; }

    /// <summary>Documents that were given out and are not settled.</summary>
    public int Open
    {
        get
        {
            lock (gate) return open.Count;
        }
    }

    /// <summary>Opens the ledger of a file; without the file, or with one that was damaged, nothing is settled and everything comes again.</summary>
    /// <exception cref="IOException">The file is there and cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static PlaceLedger OpenFile(string path)
    {
        var settled = File.Exists(path) && ulong.TryParse(File.ReadAllText(path, Encoding.ASCII).AsSpan().TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var found) ? found : 0;
        return new PlaceLedger(path, settled);
    }

    /// <summary>A document was read: its place is open until it is settled.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The place is not behind those before it.</exception>
    public void GiveOut(ulong place)
    {
        lock (gate)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(place, last);
            last = place;
            order.Enqueue(place);
            open.Add(place);
        }
    }

    /// <summary>Up to this place there is nothing more to give out: what was read there is no document, or is gone.</summary>
    public void Pass(ulong place)
    {
        lock (gate)
        {
            if (place <= last) return;
            last = place;
            order.Enqueue(place);
            Advance();
        }
    }

    /// <summary>A document is settled; one that is not open changes nothing.</summary>
    public void Settle(ulong place)
    {
        lock (gate)
            if (open.Remove(place)) Advance();
    }

    /// <summary>Goes back to a place, at once on disk: the log behind the ledger ends there, as after a power cut that took its end.</summary>
    /// <exception cref="IOException">It cannot be written; nothing changed.</exception>
    public void Rewind(ulong place)
    {
        lock (gate)
        {
            if (place >= Durable) return;
            Write(place);
            order.Clear();
            open.Clear();
            last = Settled = Durable = place;
        }
    }

    /// <summary>Puts the place on disk where it changed.</summary>
    /// <exception cref="IOException">It cannot be written; the file is as before, and a later call may succeed.</exception>
    public void Commit()
    {
        ulong settled;
        lock (gate) settled = Settled;
        if (settled == Durable) return;
        Write(settled);
        Durable = settled;
    }

    private void Advance()
    {
        while (order.TryPeek(out var first) && !open.Contains(first)) Settled = order.Dequeue();
    }

    private void Write(ulong place) => DurableFile.Replace(path, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{place}\n")));
}
