using Monitoring.Contracts.Otlp;

namespace Monitoring.Collector.Series;

/// <summary>
/// A metric of one sender: its head as the sender writes it, and its series in their order of arrival. Senders repeat their
/// order from push to push, so the next series is nearly always the one at the cursor and costs one comparison of bytes.
/// </summary>
internal sealed class MetricEntry(byte[] key, Family? family)
{
    // A sender that writes attributes in changing order gives one series many spellings; so many are remembered on average.
    private const int SpellingsPerSeries = 4;

    private readonly List<StoredSeries> inOrder = [];
    private readonly Dictionary<byte[], StoredSeries> byBytes = new(BytesComparer.Instance);
    private readonly Dictionary<byte[], StoredSeries> byIdentity = new(BytesComparer.Instance);
    private int cursor;

    /// <summary>The head as <see cref="WriteKey"/> writes it.</summary>
    public byte[] Key => key;

    /// <summary>The Prometheus family; null where the name cannot become one.</summary>
    public Family? Family => family;

    /// <summary>The sender's push that contained it last.</summary>
    public long SeenInPush { get; set; }

    /// <summary>Its place in the sender's order of metrics.</summary>
    public int Place { get; set; }

    /// <summary>Number of series.</summary>
    public int Count => inOrder.Count;

    /// <summary>Starts over at the first series.</summary>
    public void Rewind() => cursor = 0;

    /// <summary>The series with these bytes; null where it is not known. <paramref name="bounds"/> is empty but for histograms.</summary>
    public StoredSeries? Find(ReadOnlySpan<byte> attributes, ReadOnlySpan<byte> bounds)
    {
        if (cursor < inOrder.Count)
        {
            var next = inOrder[cursor];
            if (attributes.SequenceEqual(next.Attributes) && bounds.SequenceEqual(next.Bounds))
            {
                cursor++;
                return next;
            }
        }

        var found = bounds.IsEmpty
            ? byBytes.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(attributes, out var plain) ? plain : null
            : byBytes.GetValueOrDefault([.. attributes, .. bounds]);
        if (found is not null) MoveToCursor(found);
        return found;
    }

    /// <summary>The series that shows the same line on a page, though its bytes were another order of the same attributes.</summary>
    /// <param name="identity">What a new series would have as <see cref="StoredSeries.Identity"/>.</param>
    /// <param name="bounds">A histogram's bounds; empty otherwise.</param>
    public StoredSeries? FindTwin(byte[] identity, ReadOnlySpan<byte> bounds)
        => byIdentity.TryGetValue(identity, out var twin) && bounds.SequenceEqual(twin.Bounds) ? twin : null;

    /// <summary>Adds a series that neither <see cref="Find"/> nor <see cref="FindTwin"/> found.</summary>
    public void Add(StoredSeries series)
    {
        series.Place = inOrder.Count;
        inOrder.Add(series);
        byBytes.Add(series.Key, series);
        byIdentity[series.Lines[^1]] = series;
        MoveToCursor(series);
    }

    /// <summary>Remembers another spelling of a series.</summary>
    public void AddSpelling(ReadOnlySpan<byte> attributes, StoredSeries series)
    {
        if (byBytes.Count >= SpellingsPerSeries * inOrder.Count) ForgetSpellings();
        byBytes[[.. attributes, .. series.Bounds]] = series;
        MoveToCursor(series);
    }

    /// <summary>Removes the series that <paramref name="isGone"/> names.</summary>
    public void RemoveWhere(Predicate<StoredSeries> isGone)
    {
        foreach (var series in inOrder)
            if (isGone(series) && byIdentity.GetValueOrDefault(series.Lines[^1]) == series) byIdentity.Remove(series.Lines[^1]);
        if (inOrder.RemoveAll(isGone) == 0) return;
        ForgetSpellings();
        for (var place = 0; place < inOrder.Count; place++) inOrder[place].Place = place;
    }

    /// <summary>Writes what tells metrics of one sender apart; the length it takes is that of <see cref="KeyLength"/>.</summary>
    public static void WriteKey(in OtlpMetric metric, Span<byte> key)
    {
        key[0] = (byte)((int)metric.Kind * 2 + (metric.IsMonotonic ? 1 : 0));
        BitConverter.TryWriteBytes(key[1..], metric.Name.Length);
        BitConverter.TryWriteBytes(key[5..], metric.Unit.Length);
        metric.Name.CopyTo(key[9..]);
        metric.Unit.CopyTo(key[(9 + metric.Name.Length)..]);
        metric.Description.CopyTo(key[(9 + metric.Name.Length + metric.Unit.Length)..]);
    }

    /// <summary>Length of the key of <paramref name="metric"/>, bytes.</summary>
    public static int KeyLength(in OtlpMetric metric) => 9 + metric.Name.Length + metric.Unit.Length + metric.Description.Length;

    private void ForgetSpellings()
    {
        byBytes.Clear();
        foreach (var series in inOrder) byBytes.Add(series.Key, series);
    }

    private void MoveToCursor(StoredSeries series)
    {
        // Behind the cursor: the sender sent it twice, and the order stands.
        if (series.Place < cursor) return;
        var displaced = inOrder[cursor];
        (inOrder[cursor], inOrder[series.Place]) = (series, displaced);
        displaced.Place = series.Place;
        series.Place = cursor;
        cursor++;
    }
}
