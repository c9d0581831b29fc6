using System.Text;

namespace Monitoring.Simulator.State;

/// <summary>Texts in the fixed fields of the state: UTF-8, zero-terminated.</summary>
internal static class StateText
{
    /// <summary>Writes a text and clears what follows it; refuses one that does not fit with its terminator.</summary>
    public static void Set(Span<byte> field, string text)
    {
        if (Encoding.UTF8.GetByteCount(text) >= field.Length)
            throw new ArgumentException($"'{text}' is longer than the {field.Length - 1} bytes that the state has for it", nameof(text));
        field.Clear();
        Encoding.UTF8.GetBytes(text, field);
    }

    public static string Get(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }
}
