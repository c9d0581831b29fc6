namespace Monitoring.Dashboards.Generator;

/// <summary><c>gpu-dashboards DIRECTORY</c> writes what is generated into the folder <c>dashboards/</c>. A test holds the committed files against the same code.</summary>
internal static class Program
{
    private const int WrongUsage = 2;

    private static int Main(string[] args)
    {
        if (args is not [var directory] || !Directory.Exists(directory))
        {
            Console.Error.WriteLine("usage: gpu-dashboards DIRECTORY, where DIRECTORY is the folder dashboards/ of the repository");
            return WrongUsage;
        }

        foreach (var file in GeneratedFiles.All(directory))
        {
            var path = Path.Combine(directory, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, file.Text);
        }

        return 0;
    }
}
