using System.IO.Compression;
using Monitoring.Contracts.Captures;
using static Monitoring.Contracts.Captures.SummaryNumbers;

namespace Monitoring.Agent.Capture.Summaries.Kineto;

/// <summary>The summary of a trace that PyTorch's profiler wrote, packed with gzip or not; read as it streams by, whatever its size.</summary>
internal static class KinetoSummary
{
    /// <summary>JSON of a trace: far above the 5 minutes that anyone can open in a viewer.</summary>
    internal const long BytesAtMost = 64L * 1024 * 1024 * 1024;

    /// <summary>Reads a trace. Where it is cut off or damaged the summary says so and holds what came before.</summary>
    /// <exception cref="SummaryException">It is no trace, or cannot be opened.</exception>
    internal static ProfilerSummary Read(string path, CancellationToken cancellationToken = default)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            return Read(stream, Path.GetFileName(path), cancellationToken: cancellationToken);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new SummaryException($"'{Path.GetFileName(path)}' cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>The same of a stream, which must be able to go back to its begin.</summary>
    /// <param name="name">What to call it in messages.</param>
    internal static ProfilerSummary Read(Stream stream, string name, long bytesAtMost = BytesAtMost, CancellationToken cancellationToken = default)
    {
        Span<byte> magic = stackalloc byte[2];
        var start = stream.Position;
        var isPacked = stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == 2 && magic is [0x1f, 0x8b];
        stream.Position = start;

        var tallies = new KinetoTallies();
        var trace = new KinetoTrace(tallies.Add);
        using var unpacked = isPacked ? new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true) : null;
        var trouble = JsonTokens.Read(unpacked ?? stream, bytesAtMost, trace.Take, cancellationToken);
        if (!trace.HasEvents)
            throw new SummaryException($"'{name}' is no trace of PyTorch: " + (trouble is "" ? "it has no traceEvents" : $"before any traceEvents {trouble}"));
        var summary = tallies.ToSummary(trace) with
        {
            IsIncomplete = trouble is not "",
            Notes = trouble is "" ? [] : [$"The trace is not whole: {trouble}. The summary is of the {Count(trace.Events)} events before."],
        };
        return summary with { Triage = SummaryTriage.Of(summary) };
    }
}
