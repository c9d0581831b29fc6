using System.Globalization;
using System.Text.RegularExpressions;
using Monitoring.Agent.Devices.Files;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>Whether a process's PyTorch can be asked.</summary>
internal enum TorchSafety
{
    Safe,

    /// <summary>Older than the version in which the race that aborts a job was mended.</summary>
    TooOld,

    /// <summary>Nothing tells the version.</summary>
    Unknown,
}

/// <summary>The PyTorch of a process.</summary>
/// <param name="Version">As it calls itself; empty where that is unknown.</param>
internal sealed record TorchFound(TorchSafety Safety, string Version)
{
    internal static TorchFound Unknown { get; } = new(TorchSafety.Unknown, "");
}

/// <summary>
/// Finds out which PyTorch a process has loaded, from the files that it has mapped and what stands beside them. The race at the start of
/// PyTorch's client (kineto #1113) was mended in October 2025, first released with 2.10.
/// </summary>
internal static partial class TorchInspector
{
    // A training process maps some thousand files; a line has at most a path and 100 bytes.
    private const int MostLines = 200_000;
    private const int LongestVersionFile = 64 * 1024;
    private const int MostNames = 20_000;
    private const int SafeMajor = 2;
    private const int SafeMinor = 10;

    /// <summary>Looks at one process. Reads files that may hang with a file system; the caller sets the limit of time.</summary>
    internal static TorchFound Inspect(string procfs, long pid, ProcessRoot root)
    {
        // The kernel writes paths as we would reach them; in a changed root they begin with it.
        var prefix = LinkOf($"{procfs}/{pid}/root") is ['/', _, ..] link ? link.TrimEnd('/') + "/" : null;
        var packages = new HashSet<string>(StringComparer.Ordinal);
        var libraries = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            foreach (var line in File.ReadLines($"{procfs}/{pid}/maps").Take(MostLines))
            {
                if (!line.Contains("torch", StringComparison.Ordinal)) continue;
                // Replaced since it was loaded: what lies there now tells nothing of the process.
                var isPackage = PackagePath().Match(line);
                var isLibrary = LibraryPath().Match(line);
                if ((isPackage.Success || isLibrary.Success) && line.EndsWith(" (deleted)", StringComparison.Ordinal)) return TorchFound.Unknown;
                if (isPackage.Success) packages.Add(isPackage.Groups["package"].Value is var package && prefix is not null && package.StartsWith(prefix, StringComparison.Ordinal) ? package[(prefix.Length - 1)..] : package);
                if (isLibrary.Success) libraries.Add(isLibrary.Groups["version"].Value);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return TorchFound.Unknown;
        }
        var versions = packages.Select(package => VersionOf(root, package)).ToList();
        if (versions.Count == 0) versions.AddRange(libraries);
        // Two of them in one process: the worse one counts.
        return versions.Count == 0 ? TorchFound.Unknown : versions.Select(Judge).OrderByDescending(static found => found.Safety == TorchSafety.TooOld ? 2 : found.Safety == TorchSafety.Unknown ? 1 : 0).First();
    }

    /// <summary>What a version means.</summary>
    internal static TorchFound Judge(string? version)
    {
        if (version is null || VersionNumber().Match(version) is not { Success: true } match) return TorchFound.Unknown;
        var major = int.Parse(match.Groups["major"].Value, CultureInfo.InvariantCulture);
        var minor = int.Parse(match.Groups["minor"].Value, CultureInfo.InvariantCulture);
        if (major < SafeMajor || (major == SafeMajor && minor < SafeMinor)) return new TorchFound(TorchSafety.TooOld, version);
        // Builds called 2.10 before its release may be older than the mending; release candidates are not.
        var mayBeOlder = major == SafeMajor && minor == SafeMinor && match.Groups["early"].Success;
        return new TorchFound(mayBeOlder ? TorchSafety.Unknown : TorchSafety.Safe, version);
    }

    private static string? LinkOf(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? VersionOf(ProcessRoot root, string package)
    {
        if (root.ReadText(package + "/version.py", LongestVersionFile) is { } text && VersionLine().Match(text) is { Success: true } line) return line.Groups["version"].Value;
        var parent = package[..package.LastIndexOf('/')];
        var named = root.Names(parent.Length == 0 ? "/" : parent, MostNames).Select(static name => InformationFolder().Match(name)).Where(static match => match.Success).ToArray();
        return named is [var only] ? only.Groups["version"].Value : null;
    }

    [GeneratedRegex(@"(?<package>/.{0,1024}/torch)/(_C\.[^/]{0,80}\.so|lib/libtorch[^/]{0,40}\.so[^/]{0,20})( \(deleted\))?$", RegexOptions.CultureInvariant | RegexOptions.RightToLeft)]
    private static partial Regex PackagePath();

    [GeneratedRegex(@"/libtorch_cpu\.so\.(?<version>\d[\d.]{0,20})( \(deleted\))?$", RegexOptions.CultureInvariant)]
    private static partial Regex LibraryPath();

    [GeneratedRegex(@"^__version__\s{0,8}(:[^=\n]{0,40})?=\s{0,8}['""](?<version>[^'""\n]{1,64})['""]", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex VersionLine();

    [GeneratedRegex(@"^torch-(?<version>\d[\w.+!]{0,60})\.dist-info$", RegexOptions.CultureInvariant)]
    private static partial Regex InformationFolder();

    [GeneratedRegex(@"^(?<major>\d{1,4})\.(?<minor>\d{1,4})(\.\d{1,4})?(?<early>a\d|\.?dev)?", RegexOptions.CultureInvariant)]
    private static partial Regex VersionNumber();
}
