using System.Text.RegularExpressions;

namespace Monitoring.Agent.Devices;

/// <summary>What the kernel module says of itself in <c>driver/nvidia</c> of procfs, and the version in the name of the library's file.</summary>
/// <param name="procfs">Where procfs is mounted, <c>/proc</c>.</param>
internal sealed partial class DriverFiles(string procfs)
{
    private const string LibraryName = "libnvidia-ml.so";

    /// <summary>Version of the loaded kernel module; empty where none is loaded or it does not say.</summary>
    internal string ModuleVersion() => Text("driver/nvidia/version") is { } text ? ModuleVersionOf(text) : "";

    /// <summary>The version in the text of <c>driver/nvidia/version</c>, open and proprietary flavour; empty for none.</summary>
    internal static string ModuleVersionOf(string text) => KernelModule().Match(text) is { Success: true } match ? match.Groups["version"].Value : "";

    /// <summary>True for a GPU that the driver was told to leave alone.</summary>
    /// <param name="address">Such as <c>0000:62:00.0</c>.</param>
    internal bool IsExcluded(string address) => Text($"driver/nvidia/gpus/{address}/information") is { } text && Excluded().IsMatch(text);

    /// <summary>
    /// Version of the library's file that a program which starts now would load: the name behind the link, such as
    /// <c>libnvidia-ml.so.580.65.06</c>; empty where the name carries none.
    /// </summary>
    /// <param name="setting">Name or path of the library; for a name, the folder is taken from the one that this process has loaded.</param>
    internal string LibraryFileVersion(string setting)
    {
        try
        {
            var path = setting.Contains('/') ? setting : Mapped() is { } mapped ? Path.Combine(Path.GetDirectoryName(mapped)!, setting) : null;
            if (path is null || !File.Exists(path)) return "";
            var file = File.ResolveLinkTarget(path, returnFinalTarget: true)?.Name ?? Path.GetFileName(path);
            return VersionedLibrary().Match(file) is { Success: true } match ? match.Groups["version"].Value : "";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Where the library lies that this process has loaded; null where it has none.</summary>
    private string? Mapped()
    {
        foreach (var line in File.Exists(Path.Combine(procfs, "self/maps")) ? File.ReadLines(Path.Combine(procfs, "self/maps")) : [])
            if (line.IndexOf('/') is > 0 and var start && line.Contains(LibraryName, StringComparison.Ordinal)) return line[start..].Replace(" (deleted)", "", StringComparison.Ordinal);
        return null;
    }

    private string? Text(string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(procfs, path));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // "NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build" and "NVIDIA UNIX x86_64 Kernel Module  550.135  Fri Jan ..."
    [GeneratedRegex(@"Kernel Module(\s+for\s+\S+)?\s+(?<version>\d+(\.\d+)+)")]
    private static partial Regex KernelModule();

    [GeneratedRegex(@"^GPU Excluded:\s*Yes\s*$", RegexOptions.Multiline)]
    private static partial Regex Excluded();

    [GeneratedRegex(@"^libnvidia-ml\.so\.(?<version>\d+(\.\d+)+)$")]
    private static partial Regex VersionedLibrary();
}
