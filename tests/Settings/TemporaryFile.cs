namespace Monitoring.Tests.Settings;

/// <summary>A file that lives as long as the test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("settings-");

    internal TemporaryFile(string text) => File.WriteAllText(Path, text);

    internal TemporaryFile(byte[] content) => File.WriteAllBytes(Path, content);

    internal string Path => System.IO.Path.Combine(folder.FullName, "agent.yaml");

    public void Dispose() => folder.Delete(recursive: true);
}
