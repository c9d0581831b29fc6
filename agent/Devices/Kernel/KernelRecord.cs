using System.Buffers.Text;
using System.Text;

namespace Monitoring.Agent.Devices.Kernel;

/// <summary>One record of the kernel's log. Form: <c>Documentation/ABI/testing/dev-kmsg</c> of the kernel.</summary>
/// <param name="Priority">Syslog priority: facility times 8 plus level.</param>
/// <param name="Sequence">Its number; rises by one with every record of a boot.</param>
/// <param name="Microseconds">When it was written, by the kernel's clock since boot, which stands still in suspend.</param>
/// <param name="IsFragment">True for a part of a line (flag <c>c</c> or <c>+</c>).</param>
/// <param name="Text">The line, escapes undone.</param>
/// <param name="Properties">The lines <c>KEY=value</c> after it, such as SUBSYSTEM and DEVICE, each a pair with <c>=</c>.</param>
internal sealed record KernelRecord(int Priority, long Sequence, long Microseconds, bool IsFragment, string Text, IReadOnlyList<string> Properties)
{
    /// <summary>Severity by syslog: 0 emergency, 3 error, 4 warning, 6 information.</summary>
    internal int Level => Priority & 7;

    /// <summary>Lines after this many bytes are cut: the kernel's own are at most a kilobyte.</summary>
    private const int LongestText = 8192;

    private const int MostProperties = 16;

    /// <summary>Reads a record. Never throws, whatever the bytes.</summary>
    /// <param name="bytes">One record as the kernel hands it out: prefix, text, lines of properties.</param>
    /// <returns>Null for what has not the form of a record.</returns>
    internal static KernelRecord? Parse(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)';');
        if (end < 0) return null;
        var prefix = bytes[..end];
        if (!TakeNumber(ref prefix, out var priority) || !TakeNumber(ref prefix, out var sequence) || !TakeNumber(ref prefix, out var microseconds)) return null;
        if (priority > int.MaxValue) return null;
        // Fields after the flags belong to newer kernels and are to be passed over.
        var flags = prefix.IndexOf((byte)',') is var comma and >= 0 ? prefix[..comma] : prefix;
        var rest = bytes[(end + 1)..];
        var text = TakeLine(ref rest);
        List<string>? properties = null;
        while (rest.Length > 0 && (properties?.Count ?? 0) < MostProperties)
        {
            var line = TakeLine(ref rest);
            if (line is [(byte)' ', .. var property] && property.Contains((byte)'=')) (properties ??= []).Add(Decode(property));
        }
        return new KernelRecord((int)priority, sequence, microseconds, flags.IndexOfAny((byte)'c', (byte)'+') >= 0, Decode(text), properties ?? (IReadOnlyList<string>)[]);
    }

    private static bool TakeNumber(ref ReadOnlySpan<byte> prefix, out long number)
    {
        if (!Utf8Parser.TryParse(prefix, out number, out var length) || number < 0) return false;
        prefix = prefix[length..];
        if (prefix is [(byte)',', ..]) prefix = prefix[1..];
        else if (prefix.Length > 0) return false;
        return true;
    }

    private static ReadOnlySpan<byte> TakeLine(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf((byte)'\n');
        var line = end < 0 ? rest : rest[..end];
        rest = end < 0 ? [] : rest[(end + 1)..];
        return line;
    }

    /// <summary>Undoes <c>\xNN</c>, by which the kernel writes bytes that are no printable text; what is no UTF-8 then becomes the replacement character.</summary>
    private static string Decode(ReadOnlySpan<byte> line)
    {
        if (line.Length > LongestText) line = line[..LongestText];
        if (!line.Contains((byte)'\\')) return Encoding.UTF8.GetString(line);
        var plain = new byte[line.Length];
        var length = 0;
        for (var at = 0; at < line.Length; at++)
        {
            if (line[at] == '\\' && at + 3 < line.Length && line[at + 1] == 'x' && Digit(line[at + 2]) is >= 0 and var high && Digit(line[at + 3]) is >= 0 and var low)
            {
                plain[length++] = (byte)(high << 4 | low);
                at += 3;
            }
            else
                plain[length++] = line[at];
        }
        return Encoding.UTF8.GetString(plain, 0, length);
    }

    private static int Digit(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => character - '0',
        >= (byte)'a' and <= (byte)'f' => character - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => character - 'A' + 10,
        _ => -1,
    };
}
