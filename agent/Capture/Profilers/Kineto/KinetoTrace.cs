using System.Globalization;
using System.IO.Compression;
using Monitoring.Agent.Devices.Files;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>A trace that lies in a job's file system.</summary>
/// <param name="Path">As the process calls it.</param>
/// <param name="Refusal">Why it is not taken, one line; null where it is.</param>
/// <param name="MustGo">True where it has to be removed: it was written for this capture, taken or not, and nobody else ever would.</param>
internal sealed record KinetoTrace(ForeignFile File, string Path, string? Refusal, bool MustGo) : IDisposable
{
    /// <summary>
    /// Looks for the trace; PyTorch gives it its name when it is complete. The job's user writes there and the agent reads as root: taken is
    /// only a regular file with one name that belongs to the process's own user, and never more of it than the limit.
    /// </summary>
    /// <param name="since">A file that is older is of another request.</param>
    /// <returns>Null where there is none.</returns>
    internal static KinetoTrace? Find(KinetoTarget target, DateTimeOffset since, long mostBytes)
    {
        foreach (var candidate in target.Traces)
        {
            if (target.Root.OpenFile(candidate) is not { } file) continue;
            if (file.Modified < since)
            {
                file.Dispose();
                continue;
            }
            var foreign = file.Uid != target.Client.Uid ? $"{candidate} belongs to user {file.Uid}, the process to {target.Client.Uid}"
                : file.Links != 1 ? $"{candidate} has {file.Links} names"
                : null;
            var tooLarge = file.Bytes > mostBytes ? $"{candidate} has {file.Bytes} bytes; capture.kineto.maximum_trace_bytes is {mostBytes}" : null;
            // What is not even read goes only where its name says that this capture asked for it: the other name is that of the job's own traces too.
            return new KinetoTrace(file, candidate, foreign ?? tooLarge, MustGo: foreign is null && (tooLarge is null || candidate == target.OwnTrace));
        }
        return null;
    }

    /// <summary>The process whose trace a file of the bundle is, in the agent's namespace; null where its name does not say.</summary>
    internal static long? PidOf(string path) =>
        System.IO.Path.GetFileName(path) is var name && name.StartsWith("kineto-", StringComparison.Ordinal) && name.AsSpan("kineto-".Length) is var rest && rest.IndexOfAnyExceptInRange('0', '9') is > 0 and var end
        && long.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;

    /// <summary>Compresses it into a file of ours.</summary>
    /// <param name="limit">What the compressed file may have; what a job writes need not be text, and then it gets no smaller.</param>
    /// <returns>Why there is no such file, one line; null where there is.</returns>
    internal string? Compress(string destination, long mostBytes, CopyLimit limit)
    {
        if (limit.Bytes <= 0) return limit.Words;
        var chunk = new byte[128 * 1024];
        long offset = 0;
        string? trouble = null;
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        // For the agent's user alone: a trace shows the job's code.
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var output = new FileStream(destination, options))
        {
            using (var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
            {
                while (trouble is null && RandomAccess.Read(File.Handle, chunk, offset) is var count and > 0)
                {
                    gzip.Write(chunk, 0, count);
                    offset += count;
                    trouble = offset > mostBytes ? $"{Path} grew beyond capture.kineto.maximum_trace_bytes while it was read" : Beyond(output);
                }
            }
            // The end of it is written only now.
            trouble ??= Beyond(output);
        }
        if (trouble is not null) System.IO.File.Delete(destination);
        return trouble;

        string? Beyond(FileStream output) => output.Position > limit.Bytes ? $"{Path} has more than {limit.Bytes} bytes compressed; {limit.Words}" : null;
    }

    /// <inheritdoc/>
    public void Dispose() => File.Dispose();
}
