using System.Diagnostics.CodeAnalysis;

namespace OpenTelemetry.Exporter.Prometheus.Writing;

/// <summary>Compares byte arrays by content.</summary>
internal sealed class BytesComparer : IEqualityComparer<byte[]>
{
    internal static BytesComparer Instance { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode([DisallowNull] byte[] obj)
    {
        HashCode hash = default;
        hash.AddBytes(obj);
        return hash.ToHashCode();
    }
}
