using System.Text.RegularExpressions;

namespace Monitoring.Tests.Architecture;

/// <summary>Rules about where files lie and what they are called. Each gives its offences as sentences that start with the file.</summary>
internal static partial class LayoutRules
{
    /// <summary>Beyond this a file holds more than one idea.</summary>
    private const int MaximumLines = 400;

    private static readonly string[] MirroredFolders = ["Agent", "Cli", "Collector", "Contracts", "Dropins", "Elasticsearch", "Segments", "Settings", "Simulator"];

    /// <summary>What tests have and no project: servers to test against, and suites over several of them.</summary>
    private static readonly string[] RoomsOfTests = ["tests/Elasticsearch/Servers", "tests/Elasticsearch/Conformance"];

    /// <summary>No folder or source file has a name under which anything could be put; the drop-ins carry the names of the packages they stand in for.</summary>
    internal static IEnumerable<string> JunkRooms(IEnumerable<SourceFile> files) =>
        from file in files
        where file.IsCode && !file.IsUnder("dropins")
        from part in file.Path.Split('/')
        where (part == file.Name ? JunkFile() : JunkFolder()).IsMatch(part)
        select $"{file.Path}: '{part}' says nothing of what is inside";

    /// <summary>A file-scoped namespace equal to the folder; the drop-ins carry the namespaces of the packages they stand in for.</summary>
    internal static IEnumerable<string> Namespaces(IEnumerable<SourceFile> files) =>
        from file in files
        where file.IsCSharp && file.Folder is not "" && !file.IsUnder("dropins")
        let declared = NamespaceLine().Match(file.Code) is { Success: true } line ? line.Groups["name"].Value : null
        let expected = NamespaceOf(file.Folder)
        where declared is null ? TypeLine().IsMatch(file.Code) && file.Name != "Program.cs" : declared != expected
        select $"{file.Path} has the namespace {declared ?? "(none)"}, its folder says {expected}";

    /// <summary>Every folder of tests for a project mirrors a folder of that project.</summary>
    internal static IEnumerable<string> MirroredTests(IReadOnlyCollection<SourceFile> files)
    {
        var folders = files.Where(static file => !file.IsUnder("tests")).SelectMany(static file => Ancestors(file.Folder)).ToHashSet(StringComparer.Ordinal);
        return from file in files
               where file.IsCSharp
               let parts = file.Folder.Split('/')
               where parts is ["tests", _, ..] && MirroredFolders.Contains(parts[1]) && !RoomsOfTests.Contains(file.Folder)
               let mirrored = string.Join('/', [parts[1].ToLowerInvariant(), .. parts[2..]])
               where !folders.Contains(mirrored)
               select $"{file.Path}: there is no folder {mirrored}";
    }

    /// <summary>No source file is over the limit.</summary>
    internal static IEnumerable<string> Lengths(IEnumerable<SourceFile> files) =>
        from file in files
        where file.IsCode
        let lines = file.Text.AsSpan().TrimEnd('\n').Count('\n') + 1
        where lines > MaximumLines
        select $"{file.Path} has {lines} lines; {MaximumLines} is the limit";

    /// <summary>Every project's packages are locked.</summary>
    internal static IEnumerable<string> LockFiles(IReadOnlyCollection<SourceFile> files) =>
        from file in files
        where file.Path.EndsWith(".csproj", StringComparison.Ordinal)
        where !files.Any(other => other.Path == $"{file.Folder}/packages.lock.json")
        select $"{file.Path} has no packages.lock.json beside it";

    private static string NamespaceOf(string folder)
    {
        var parts = folder.Split('/');
        return string.Join('.', ["Monitoring", char.ToUpperInvariant(parts[0][0]) + parts[0][1..], .. parts[1..]]);
    }

    private static IEnumerable<string> Ancestors(string folder)
    {
        for (; folder is not ""; folder = folder[..Math.Max(0, folder.LastIndexOf('/'))])
            yield return folder;
    }

    [GeneratedRegex("^(helpers?|util|utils|utilities|common|misc|shared|core|managers?)$", RegexOptions.IgnoreCase)]
    private static partial Regex JunkFolder();

    [GeneratedRegex(@"((Helpers?|Utils?|Utilities|Common|Misc|Shared|Managers?)|^(Core|helpers?|utils?|common|misc|shared|core))\.(cs|c|h)$")]
    private static partial Regex JunkFile();

    [GeneratedRegex(@"^\s*namespace\s+(?<name>[\w.]+)", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^\s*((public|internal|file|sealed|static|abstract|partial|readonly|ref|unsafe)\s+)*(class|struct|record|interface|enum|delegate)\s", RegexOptions.Multiline)]
    private static partial Regex TypeLine();
}
