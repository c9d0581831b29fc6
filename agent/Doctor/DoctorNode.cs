using System.Text.RegularExpressions;
using Monitoring.Agent.Hosting;
using Monitoring.Settings;

namespace Monitoring.Agent.Doctor;

/// <summary>The node as the checks see it; every way to the machine is here, so that a test can build a node of its own.</summary>
internal sealed partial class DoctorNode
{
    /// <summary>Folder that stands for <c>/</c>.</summary>
    internal string Root { get; init; } = "/";

    internal AgentSettings Settings { get; init; } = new();

    /// <summary>What is wrong with the configuration; the settings are then the defaults.</summary>
    internal IReadOnlyList<SettingError> SettingErrors { get; init; } = [];

    /// <summary>The configuration file; empty where none was named.</summary>
    internal string ConfigurationFile { get; init; } = "";

    /// <summary>What is wrong with the rules, a line each.</summary>
    internal Func<IReadOnlyList<string>> RuleErrors { get; init; } = static () => [];

    /// <summary>What the driver says through NVML.</summary>
    internal required DriverView Driver { get; init; }

    /// <summary>A variable of the environment.</summary>
    internal required Func<string, string?> Variable { get; init; }

    /// <summary>Name of the user that looks.</summary>
    internal required string User { get; init; }

    /// <summary>Opens a place as asked and closes it again: null, or why it cannot be opened.</summary>
    internal required Func<string, FileAccess, string?> TryOpen { get; init; }

    /// <summary>Runs the program at a place, such as <c>nsys --version</c>: what it printed, or null where it does not run or end in time.</summary>
    internal required Func<string, string, string?> RunProgram { get; init; }

    /// <summary>Free bytes of the file system that a place is on; null where unknown.</summary>
    internal required Func<string, long?> FreeBytes { get; init; }

    /// <summary>Whether the kernel counts its clock as synchronised; null where it does not say.</summary>
    internal required Func<bool?> ClockIsSynchronised { get; init; }

    /// <summary>Reaches what is elsewhere as the agent's pushes do, by a proxy where the environment names one.</summary>
    internal required HttpClient Http { get; init; }

    /// <summary>Reaches this node itself.</summary>
    internal required HttpClient LocalHttp { get; init; }

    internal required TimeProvider Time { get; init; }

    /// <summary>The place of an absolute path under <see cref="Root"/>.</summary>
    internal string Place(string path) => Path.Combine(Root, path.TrimStart('/'));

    /// <summary>The absolute path of a place.</summary>
    internal string Shown(string place) => "/" + Path.GetRelativePath(Root, place);

    internal string Procfs(string path) => Path.Combine(Settings.Devices.Procfs, path);

    internal string Sysfs(string path) => Path.Combine(Settings.Devices.Sysfs, path);

    internal bool Exists(string path) => Path.Exists(Place(path));

    /// <summary>Why a file cannot be opened, or a folder not be written into; null where it can.</summary>
    internal string? WhyClosed(string path, FileAccess access) => TryOpen(Place(path), access);

    /// <summary>Text of a file without the line break at its end; null where it cannot be read.</summary>
    internal string? Read(string path)
    {
        try
        {
            return File.ReadAllText(Place(path)).TrimEnd();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Absolute paths of the entries of a folder whose names match a pattern such as <c>cuda-*</c>; none where it cannot be read.</summary>
    internal IReadOnlyList<string> List(string folder, string pattern)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(Place(folder), pattern).Select(Shown).Order(StringComparer.Ordinal)];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Version of the loaded kernel module; null where none is loaded. Forms: <c>... Kernel Module  550.135  Fri ...</c> and, of the open one, <c>... Kernel Module for x86_64  580.95.05  Release ...</c>.</summary>
    internal string? ModuleVersion => Read(Procfs("driver/nvidia/version")) is { } text && ModuleLine().Match(text) is { Success: true } line ? line.Groups["version"].Value : null;

    /// <summary>Addresses of the NVIDIA GPUs on the PCI bus; null where the bus cannot be read.</summary>
    internal IReadOnlyList<string>? GpusOnBus => new Devices.Pci.PciInventory(Place(Settings.Devices.Sysfs)).Gpus();

    /// <summary>True where a systemd service has processes; null where no control group of the system can be seen, as in a container.</summary>
    internal bool? Runs(string service) => Devices.ServiceGroups.HoldProcess(Place(Settings.Devices.Sysfs), service);

    /// <summary>True where a systemd service is seen to have processes.</summary>
    internal bool IsRunning(string service) => Runs(service) == true;

    /// <summary>True where a systemd service is installed.</summary>
    internal bool IsInstalled(string service) => UnitFolders.Any(folder => Exists($"{folder}/{service}.service"));

    private static readonly string[] UnitFolders = ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

    [GeneratedRegex(@"Kernel Module(\s+for\s+\S+)?\s+(?<version>\d+(\.\d+)+)")]
    private static partial Regex ModuleLine();
}
