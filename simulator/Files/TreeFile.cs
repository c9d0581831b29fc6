namespace Monitoring.Simulator.Files;

/// <summary>Files of the simulated sysfs and procfs. A reader meets the old content or the new one, never half of it, as with the kernel's.</summary>
internal static class TreeFile
{
    /// <summary>Writes a file and the directories above it.</summary>
    public static void Write(string path, string content) => Write(path, System.Text.Encoding.UTF8.GetBytes(content));

    /// <summary>Writes a file and the directories above it.</summary>
    public static void Write(string path, byte[] content)
    {
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = path + ".new";
        File.WriteAllBytes(temporary, content);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Removes a directory and what is in it, if it is there.</summary>
    public static void RemoveDirectory(string path)
    {
        if (System.IO.Directory.Exists(path)) System.IO.Directory.Delete(path, recursive: true);
    }
}
