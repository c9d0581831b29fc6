using System.Globalization;
using System.IO.Compression;
using Monitoring.Agent.Devices.Files;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>
/// Takes a trace out of a job's file system. The job's user writes there and the agent reads as root: taken is only a regular file with one
/// name that belongs to the process's own user, and never more of it than the limit.
/// </summary>
internal static class KinetoTrace
{
    /// <summary>Looks for the trace; PyTorch gives it its name when it is complete.</summary>
    /// <param name="since">A file that is older is of another request.</param>
    /// <param name="refusal">Why a file that is there is not taken; null where there is none.</param>
    internal static ForeignFile? Find(KinetoTarget target, DateTimeOffset since, long mostBytes, out string? path, out string? refusal)
    {
        refusal = null;
        foreach (var candidate in target.Traces)
        {
            path = candidate;
            if (target.Root.OpenFile(candidate) is not { } file) continue;
            if (file.Modified < since)
            {
                file.Dispose();
                continue;
            }
            refusal = file.Uid != target.Client.Uid ? $"{candidate} belongs to user {file.Uid}, the process to {target.Client.Uid}"
                : file.Links != 1 ? $"{candidate} has {file.Links} names"
                : file.Bytes > mostBytes ? $"{candidate} has {file.Bytes} bytes; capture.kineto.maximum_trace_bytes is {mostBytes}"
                : null;
            if (refusal is null) return file;
            file.Dispose();
            return null;
        }
        path = null;
        return null;
    }

    /// <summary>The process whose trace a file of the bundle is, in the agent's namespace; null where its name does not say.</summary>
    internal static long? PidOf(string path) =>
        Path.GetFileName(path) is var name && name.StartsWith("kineto-", StringComparison.Ordinal) && name.AsSpan("kineto-".Length) is var rest && rest.IndexOfAnyExceptInRange('0', '9') is > 0 and var end
        && long.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;

    /// <summary>Compresses a trace into a file of ours.</summary>
    /// <returns>False where it grew beyond the limit meanwhile; what was written is gone then.</returns>
    internal static bool Compress(ForeignFile file, string destination, long mostBytes)
    {
        var chunk = new byte[128 * 1024];
        long offset = 0;
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        // For the agent's user alone: a trace shows the job's code.
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var output = new FileStream(destination, options))
        {
            using var gzip = new GZipStream(output, CompressionLevel.Fastest);
            while (offset <= mostBytes && RandomAccess.Read(file.Handle, chunk, offset) is var count and > 0)
            {
                gzip.Write(chunk, 0, count);
                offset += count;
            }
        }
        if (offset <= mostBytes) return true;
        File.Delete(destination);
        return false;
    }
}
