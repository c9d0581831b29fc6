namespace OpenTelemetry.Exporter.Prometheus.Writing;

/// <summary>A series' labels as UTF-8, without braces, and the tags that they were made from.</summary>
/// <param name="identity">Keys and values by turns. The SDK keeps one copy of a point's tags, so equal references mean equal labels.</param>
/// <param name="utf8">For example <c>gpu="0",uuid="GPU-1"</c>; empty without labels.</param>
/// <param name="isReusable">False when a value can change behind its reference (arrays).</param>
/// <param name="isAmbiguous">Whether other tags may have the same labels: a key had to change, or a value was no text or no whole text.</param>
internal sealed class SeriesLabels(object?[] identity, byte[] utf8, bool isReusable, bool isAmbiguous)
{
    internal byte[] Utf8 => utf8;

    internal bool IsAmbiguous => isAmbiguous;

    internal int CachedBytes => utf8.Length + (identity.Length * IntPtr.Size);

    internal bool IsOf(in ReadOnlyTagCollection tags)
    {
        if (!isReusable || tags.Count * 2 != identity.Length)
            return false;
        int i = 0;
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            if (!ReferenceEquals(tag.Key, identity[i]) || !ReferenceEquals(tag.Value, identity[i + 1]))
                return false;
            i += 2;
        }
        return true;
    }
}
