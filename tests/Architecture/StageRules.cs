using System.Text.RegularExpressions;

namespace Monitoring.Tests.Architecture;

/// <summary>Rules about who uses whom. Each gives its offences as sentences that start with the file.</summary>
internal static partial class StageRules
{
    /// <summary>A stage uses only those that the table allows, and every folder of the two processes is a stage of the table.</summary>
    internal static IEnumerable<string> StageOrder(IEnumerable<SourceFile> files) =>
        from file in files
        where file.IsCSharp
        let parts = file.Path.Split('/')
        where parts is ["agent" or "collector", _, _, ..]
        let stage = $"{parts[0]}/{parts[1]}"
        from offence in Stages.MayUse.TryGetValue(stage, out var allowed)
            ? Uses(file, parts[0]).Where(use => use.Stage != parts[1] && !allowed.Contains(use.Stage)).Select(use => $"{file.Path}:{use.Line} uses {use.Stage}; {parts[1]} may use {(allowed is [] ? "no other stage" : string.Join(", ", allowed))}")
            : [$"{file.Path} is in {stage}, which tests/Architecture/Stages.cs does not know"]
        select offence;

    /// <summary>Projects reference only those that the table allows; above all, the agent and the collector never meet.</summary>
    internal static IEnumerable<string> References(IEnumerable<SourceFile> files) =>
        from file in files
        where file.Path.EndsWith(".csproj", StringComparison.Ordinal)
        where Stages.MayReference.ContainsKey(file.Folder)
        from Match reference in ProjectReference().Matches(file.Text)
        let target = reference.Groups["folder"].Value
        where !Stages.MayReference[file.Folder].Contains(target)
        select $"{file.Path}:{file.LineAt(reference.Index)} references {target}";

    /// <summary>No source names a project that its own project may not reference.</summary>
    internal static IEnumerable<string> ProjectNames(IEnumerable<SourceFile> files) =>
        from file in files
        where file.IsCSharp
        let project = file.Path.Split('/')[0]
        where Stages.MayReference.ContainsKey(project)
        from Match name in QualifiedName().Matches(file.Code)
        let target = name.Groups["project"].Value.ToLowerInvariant()
        where target != project && (Stages.MayReference.ContainsKey(target) || target == "tests") && !Stages.MayReference[project].Contains(target)
        select $"{file.Path}:{file.LineAt(name.Index)} uses Monitoring.{name.Groups["project"].Value}";

    /// <summary>Stages of a process that a file names, by <c>using</c> or in full.</summary>
    private static IEnumerable<(string Stage, int Line)> Uses(SourceFile file, string process) =>
        from Match name in QualifiedName().Matches(file.Code)
        where name.Groups["project"].Value.Equals(process, StringComparison.OrdinalIgnoreCase) && name.Groups["stage"].Success
        // A file's own types beside the stages are one name; stages are those that the table or the tree knows.
        where Stages.MayUse.ContainsKey($"{process}/{name.Groups["stage"].Value}")
        select (name.Groups["stage"].Value, file.LineAt(name.Index));

    [GeneratedRegex(@"<ProjectReference\s+Include=""\.\.[/\\](?<folder>[^/\\""]+)[/\\]")]
    private static partial Regex ProjectReference();

    [GeneratedRegex(@"\bMonitoring\.(?<project>\w+)(\.(?<stage>\w+))?")]
    private static partial Regex QualifiedName();
}
