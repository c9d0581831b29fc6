namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>A report of nsys as a file.</summary>
internal static class NsysReport
{
    internal const string Extension = ".nsys-rep";
    internal const string MediaType = "application/vnd.nvidia.nsys-rep";

    /// <summary>What every report of every version begins with; the version follows.</summary>
    private static ReadOnlySpan<byte> Magic => "NVIDIA Tegra Profiler Report "u8;

    /// <summary>Why a file is no report, one line; null where it is one.</summary>
    internal static string? Fault(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: false } or { LinkTarget: not null }) return $"there is no {Path.GetFileName(path)}";
            using var file = File.OpenRead(path);
            Span<byte> head = stackalloc byte[Magic.Length];
            return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && head.SequenceEqual(Magic) ? null : $"{Path.GetFileName(path)} is no report of nsys";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"{Path.GetFileName(path)} cannot be read: {fault.Message}";
        }
    }

    /// <summary>For the agent alone: a report holds the command lines of the whole node.</summary>
    internal static void Close(string path)
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
