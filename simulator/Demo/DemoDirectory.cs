using System.Diagnostics;
using System.Globalization;

namespace Monitoring.Simulator.Demo;

/// <summary>Where a demo keeps state and logs; a temporary one is deleted with it, and those of killed demos by the next.</summary>
internal sealed class DemoDirectory : IDisposable
{
    private const string Prefix = "gpu-demo-";

    private readonly bool _temporary;

    private DemoDirectory(string path, bool temporary)
    {
        Path = path;
        _temporary = temporary;
    }

    public string Path { get; }

    /// <summary>The directory a person named, or else a new temporary one, for this user alone, that carries this process' id.</summary>
    public static DemoDirectory Create(string? named)
    {
        if (named is not null)
            return new DemoDirectory(Directory.CreateDirectory(named).FullName, temporary: false);
        DeleteAbandoned();
        return new DemoDirectory(Directory.CreateTempSubdirectory($"{Prefix}{Environment.ProcessId}-").FullName, temporary: true);
    }

    /// <summary>A directory inside, made if necessary.</summary>
    public string Inside(params string[] names)
    {
        var path = System.IO.Path.Combine([Path, .. names]);
        Directory.CreateDirectory(path);
        return path;
    }

    public void Dispose()
    {
        if (!_temporary)
            return;
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException failure)
        {
            // The next demo tries again.
            Console.Error.WriteLine($"warning: {Path} could not be deleted: {failure.Message}");
        }
    }

    /// <summary>Deletes the directories of demos that were killed: those whose process is gone.</summary>
    private static void DeleteAbandoned()
    {
        foreach (var path in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), Prefix + "*"))
        {
            var name = System.IO.Path.GetFileName(path.AsSpan())[Prefix.Length..];
            var dash = name.IndexOf('-');
            if (dash < 1 || !int.TryParse(name[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var processId) || IsRunning(processId))
                continue;
            try
            {
                Directory.Delete(path, recursive: true);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // Another user's: his to delete.
            }
        }
    }

    private static bool IsRunning(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
