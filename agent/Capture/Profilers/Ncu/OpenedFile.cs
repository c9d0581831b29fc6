using System.Globalization;

namespace Monitoring.Agent.Capture.Profilers.Ncu;

/// <summary>
/// Opens a file in a folder that another user writes to. A link there could lead anywhere, also one that is put there between a look and the
/// opening: so what was opened is looked at, by the name that the kernel has for it.
/// </summary>
internal static class OpenedFile
{
    /// <summary>The file, or why it is not taken, one line.</summary>
    internal static (FileStream? File, string Words) Open(string path, long bytesAtMost)
    {
        try
        {
            var look = new FileInfo(path);
            if (!look.Exists) return (null, $"there is no {look.Name}");
            // Pipes and devices have no length, and opening a pipe would wait for a writer.
            if (look.LinkTarget is not null || look.Length == 0) return (null, $"{look.Name} is no plain file");
            if (look.Length > bytesAtMost) return (null, $"{look.Name} has {look.Length} bytes, more than {bytesAtMost}");
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var opened = new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}")).LinkTarget;
            if (opened == Path.Combine(Real(Path.GetDirectoryName(path)!), Path.GetFileName(path))) return (file, "");
            file.Dispose();
            return (null, $"{look.Name} is a link to somewhere else");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return (null, $"{Path.GetFileName(path)} cannot be read: {fault.Message}");
        }
    }

    /// <summary>A folder's path with the links of the folders above it followed; the last part must be no link.</summary>
    private static string Real(string folder) =>
        Path.GetDirectoryName(folder) is not { } parent ? folder
            : Directory.ResolveLinkTarget(folder, returnFinalTarget: true) is { } target ? target.FullName
            : Path.Combine(Real(parent), Path.GetFileName(folder));
}
