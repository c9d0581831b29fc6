using System.Globalization;
using System.Text;

namespace Monitoring.Simulator.KernelLog;

/// <summary>
/// The kernel's log of a simulated node: a file with records of the form of <c>/dev/kmsg</c>, and the id of the node's boot where procfs
/// has it. Every node that is created is another boot.
/// </summary>
internal sealed class SimulatedKernelLog
{
    private const int KernelWarning = 4;
    private readonly TimeProvider _time;
    private long _sequence;

    internal SimulatedKernelLog(string directory, TimeProvider time)
    {
        _time = time;
        Path = System.IO.Path.Combine(directory, "kmsg");
        Procfs = System.IO.Path.Combine(directory, "proc");
        BootId = Guid.NewGuid().ToString();
        var random = System.IO.Path.Combine(Procfs, "sys", "kernel", "random");
        Directory.CreateDirectory(random);
        File.WriteAllText(System.IO.Path.Combine(random, "boot_id"), BootId + "\n");
        // A new file rather than a shorter one: a reader that was a record behind would not notice the latter.
        File.Delete(Path);
        Write("Linux version 6.8.0-simulated");
    }

    /// <summary>The file.</summary>
    internal string Path { get; }

    /// <summary>The directory that stands for <c>/proc</c>.</summary>
    internal string Procfs { get; }

    /// <summary>What the kernel calls this boot.</summary>
    internal string BootId { get; }

    /// <summary>Adds a record; the caller sees to it that one is written at a time.</summary>
    internal void Write(string text)
    {
        // The monotonic clock since boot, as the kernel's own.
        var microseconds = (long)(_time.GetTimestamp() * (1e6 / _time.TimestampFrequency));
        File.AppendAllText(Path, string.Create(CultureInfo.InvariantCulture, $"{KernelWarning},{_sequence++},{microseconds},-;{Escaped(text)}\n"));
    }

    /// <summary>What is not printable stands as <c>\xNN</c>, byte by byte, as in the kernel.</summary>
    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(text))
            if (octet is < 32 or >= 127 or (byte)'\\') escaped.Append(CultureInfo.InvariantCulture, $"\\x{octet:x2}");
            else escaped.Append((char)octet);
        return escaped.ToString();
    }
}
