using System.Text.Json;
using Monitoring.Collector.Search.Privacy;
using Monitoring.Contracts.Captures;

namespace Monitoring.Collector.Search.Documents;

/// <summary>The fields of a capture's summaries: what people search and compare by; the whole is at the collector.</summary>
internal static class SummaryFields
{
    private const int MostKernels = 10;
    private const int MostFindings = 32;

    /// <summary>The summaries of a bundle; none where they are none that this version reads.</summary>
    public static IReadOnlyList<ProfilerSummary> Read(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty) return [];
        try
        {
            return [.. (JsonSerializer.Deserialize(json, CaptureJson.Default.ProfilerSummaryArray) ?? []).Where(static summary => summary is not null)];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    /// <summary>Writes them. What several profilers say is taken from the one that says most of it.</summary>
    public static void Write(DocumentBuilder document, IReadOnlyList<ProfilerSummary> summaries, DocumentPrivacy.Names names)
    {
        if (summaries.Count == 0) return;
        var findings = summaries.SelectMany(static summary => summary.Triage).Where(static finding => finding is not null).Take(MostFindings).ToList();
        document.Words("gpu.capture.triage.code", findings.Select(static finding => finding.Code).Distinct());
        document.Words("gpu.capture.triage.words", findings.Select(finding => names.In(finding.Words ?? "")));
        document.Flag("gpu.capture.is_incomplete", summaries.Any(static summary => summary.IsIncomplete));
        WriteKernels(document, summaries);
        WriteActivity(document, summaries);
        if (Most(summaries, static summary => summary.Steps, static steps => steps.Count) is not { } steps) return;
        document.Whole("gpu.capture.steps.count", steps.Count);
        document.Number("gpu.capture.steps.median_seconds", steps.MedianSeconds);
        document.Number("gpu.capture.steps.max_seconds", steps.MaxSeconds);
    }

    private static void WriteKernels(DocumentBuilder document, IReadOnlyList<ProfilerSummary> summaries)
    {
        if (Most(summaries, static summary => summary.Kernels, static table => table.TotalSeconds) is { } kernels)
        {
            var rows = kernels.Rows.Where(static row => row is not null).Take(MostKernels).ToList();
            document.Rows("gpu.capture.kernels", rows, static (row, kernel) =>
            {
                row.Word("name", kernel.Name);
                row.Whole("count", kernel.Count);
                row.Number("seconds", kernel.TotalSeconds);
                row.Number("share_ratio", kernel.ShareRatio);
            });
            if (rows is [var top, ..])
            {
                document.Word("gpu.capture.top_kernel.name", top.Name);
                document.Number("gpu.capture.top_kernel.seconds", top.TotalSeconds);
                document.Number("gpu.capture.top_kernel.share_ratio", top.ShareRatio);
            }
        }
        if (Most(summaries, static summary => summary.Nccl, static nccl => nccl.TotalSeconds) is { } found)
        {
            document.Number("gpu.capture.nccl.share_ratio", found.KernelShareRatio);
            document.Number("gpu.capture.nccl.exposed_ratio", found.ExposedRatio);
            document.Number("gpu.capture.nccl.seconds", found.TotalSeconds);
            document.Words("gpu.capture.nccl.collectives", found.Collectives.Where(static row => row is not null).Select(static row => row.Name));
        }
        if (Most(summaries, static summary => summary.Copies, static copies => copies.TotalSeconds) is not { } copied) return;
        document.Number("gpu.capture.copy_seconds", copied.TotalSeconds);
        document.Whole("gpu.capture.copy_bytes", copied.Bytes);
    }

    private static void WriteActivity(DocumentBuilder document, IReadOnlyList<ProfilerSummary> summaries)
    {
        // Each profiler sees its own GPUs; the one that saw the most work tells for the capture.
        var gpus = summaries.Select(static summary => summary.Gpus.Where(static gpu => gpu is not null).ToList()).MaxBy(static list => list.Sum(static gpu => gpu.BusySeconds)) ?? [];
        if (gpus.Count == 0) return;
        if (gpus.TrueForAll(static gpu => gpu.BusyRatio is not null))
        {
            var busy = gpus.Average(static gpu => gpu.BusyRatio ?? 0);
            document.Number("gpu.capture.busy_ratio", Math.Round(busy, 6));
            document.Number("gpu.capture.idle_ratio", Math.Round(Math.Max(0, 1 - busy), 6));
        }
        if (gpus.Exists(static gpu => gpu.Gaps is { Count: > 0 })) document.Number("gpu.capture.longest_gap_seconds", gpus.Max(static gpu => gpu.Gaps?.LongestSeconds ?? 0));
    }

    private static T? Most<T>(IReadOnlyList<ProfilerSummary> summaries, Func<ProfilerSummary, T?> part, Func<T, double> weight)
        where T : class => summaries.Select(part).Where(static one => one is not null).MaxBy(one => one is null ? 0 : weight(one));
}
