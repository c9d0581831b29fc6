using System.Buffers;
using System.Buffers.Text;
using System.Globalization;

namespace Monitoring.Collector.Exposition;

/// <summary>A page being written: UTF-8 in memory from the pool.</summary>
internal sealed class PageBuffer : IDisposable
{
    private const int FirstBytes = 64 * 1024;

    // "-2.2250738585072014E-308" is the longest double, 24 bytes.
    private const int LongestNumberBytes = 32;

    // Below this every whole number is exact and shorter without an exponent.
    private const double LargestPlainInteger = 1e15;

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private int length;

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => buffer.AsMemory(0, length);

    /// <summary>Starts over.</summary>
    public void Clear() => length = 0;

    /// <summary>Adds bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(buffer.AsSpan(length));
        length += bytes.Length;
    }

    /// <summary>Adds a sample: its line up to the value, the value, the line's end.</summary>
    public void WriteSample(ReadOnlySpan<byte> prefix, double value)
    {
        Reserve(prefix.Length + LongestNumberBytes);
        prefix.CopyTo(buffer.AsSpan(length));
        length += prefix.Length;
        length += Format(value, buffer.AsSpan(length));
        buffer[length++] = (byte)'\n';
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = [];
        length = 0;
    }

    private static int Format(double value, Span<byte> destination)
    {
        int written;
        if (Math.Abs(value) < LargestPlainInteger && value == Math.Truncate(value)) Utf8Formatter.TryFormat((long)value, destination, out written);
        else if (double.IsFinite(value)) value.TryFormat(destination, out written, default, CultureInfo.InvariantCulture);
        else written = Copy(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8, destination);
        return written;
    }

    private static int Copy(ReadOnlySpan<byte> word, Span<byte> destination)
    {
        word.CopyTo(destination);
        return word.Length;
    }

    private void Reserve(int count)
    {
        if (buffer.Length - length >= count) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(buffer.Length * 2, length + count));
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
