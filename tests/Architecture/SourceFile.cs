namespace Monitoring.Tests.Architecture;

/// <summary>One text file of the repository.</summary>
/// <param name="Path">From the root, with forward slashes: <c>agent/Devices/Nvml/NvmlLibrary.cs</c>.</param>
/// <param name="Text">Its text.</param>
internal sealed record SourceFile(string Path, string Text)
{
    private CSharpText? split;

    /// <summary>The folder, without a slash at the end; empty for the root.</summary>
    internal string Folder => Path.LastIndexOf('/') is var slash and > 0 ? Path[..slash] : "";

    internal string Name => Path[(Path.LastIndexOf('/') + 1)..];

    internal bool IsCSharp => Path.EndsWith(".cs", StringComparison.Ordinal);

    /// <summary>C# or C.</summary>
    internal bool IsCode => IsCSharp || Path.EndsWith(".c", StringComparison.Ordinal) || Path.EndsWith(".h", StringComparison.Ordinal);

    /// <summary>The text with comments and the contents of strings blanked out, for rules about C# code.</summary>
    internal string Code => (split ??= CSharpText.Split(Text)).Code;

    /// <summary>The text with all but comments blanked out.</summary>
    internal string Comments => (split ??= CSharpText.Split(Text)).Comments;

    internal bool IsUnder(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    /// <summary>The line, from 1, of an offset in the text.</summary>
    internal int LineAt(int offset) => 1 + Text.AsSpan(0, offset).Count('\n');
}
