using System.Buffers;
using System.Globalization;
using System.Text;

namespace Monitoring.Agent.Devices.Kernel;

/// <summary>What procfs says of a process; nothing of it where the process is gone or not the agent's to see.</summary>
internal static class ProcessFiles
{
    // What is longer is cut: the kernel allows megabytes of arguments.
    private const int BytesAtMost = 64 << 10;

    /// <summary>Its name, at most 15 characters; empty where unknown.</summary>
    internal static string NameOf(string procfs, long pid) => Text(Read(procfs, pid, "comm")).TrimEnd('\n');

    /// <summary>Its arguments.</summary>
    internal static IReadOnlyList<string> ArgumentsOf(string procfs, long pid) => Parts(Read(procfs, pid, "cmdline"));

    /// <summary>Its environment as it was at its start.</summary>
    internal static IReadOnlyList<KeyValuePair<string, string>> EnvironmentOf(string procfs, long pid) =>
    [
        .. from entry in Parts(Read(procfs, pid, "environ"))
           let end = entry.IndexOf('=', StringComparison.Ordinal)
           where end > 0
           select KeyValuePair.Create(entry[..end], entry[(end + 1)..]),
    ];

    /// <summary>The number of its user; null where unknown.</summary>
    internal static int? UserIdOf(string procfs, long pid)
    {
        foreach (var line in Text(Read(procfs, pid, "status")).Split('\n'))
            // "Uid:" with the real, effective, saved and file system one (proc_pid_status(5)).
            if (line.StartsWith("Uid:", StringComparison.Ordinal)) return int.TryParse(line[4..].Split('\t', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(), CultureInfo.InvariantCulture, out var user) ? user : null;
        return null;
    }

    /// <summary>The name of a user by a file of the form of passwd(5); the number where it has none.</summary>
    internal static string UserName(string passwd, int user)
    {
        var number = user.ToString(CultureInfo.InvariantCulture);
        try
        {
            foreach (var line in File.ReadLines(passwd))
                if (line.Split(':') is [var name, _, var id, ..] && id == number) return name;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return number;
        }
        return number;
    }

    private static byte[] Read(string procfs, long pid, string file)
    {
        // Read for every process of a GPU every few seconds, and mostly small.
        var buffer = ArrayPool<byte>.Shared.Rent(BytesAtMost);
        try
        {
            using var handle = File.OpenHandle(Path.Combine(procfs, pid.ToString(CultureInfo.InvariantCulture), file));
            var length = 0;
            while (length < BytesAtMost && RandomAccess.Read(handle, buffer.AsSpan(length, BytesAtMost - length), length) is var count and > 0) length += count;
            return buffer[..length];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return [];
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static string[] Parts(byte[] bytes) => bytes is [] ? [] : Text(bytes).TrimEnd('\0').Split('\0');
}
