using Monitoring.Agent.Capture.Summaries.Sqlite;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Summaries.Nsys;

/// <summary>The summary of what <c>nsys export --type sqlite</c> wrote.</summary>
internal static class NsysSummary
{
    /// <summary>Reads an export. What is damaged or missing is noted in the summary.</summary>
    /// <param name="path">The database.</param>
    /// <param name="profiler">Which profiler recorded it.</param>
    /// <param name="gpus">The GPUs that the capture is of: the triage is of these alone. None where that is not known; then of every GPU.</param>
    /// <exception cref="SummaryException">It is no database that can be read.</exception>
    internal static ProfilerSummary Read(string path, string profiler = ProfilerNames.NsysSystem, IReadOnlyList<CapturedGpu>? gpus = null, CancellationToken cancellationToken = default)
    {
        try
        {
            using var file = SqliteFile.Open(path);
            return Read(file, profiler, gpus is null ? CapturedGpus.Unknown : new CapturedGpus(gpus), cancellationToken);
        }
        catch (SqliteException fault)
        {
            throw new SummaryException($"'{Path.GetFileName(path)}' {fault.Message}", fault);
        }
    }

    private static ProfilerSummary Read(SqliteFile file, string profiler, CapturedGpus captured, CancellationToken cancellationToken)
    {
        var export = new NsysExport(file, cancellationToken);
        var names = new NsysNames(export);
        var session = new NsysSession(export);
        var devices = new NsysDevices(export);
        var work = new NsysGpuWork(export, devices, captured);
        var calls = new NsysCalls(export);
        var metrics = new NsysGpuMetrics(export, devices, captured);
        var samples = new NsysCpuSamples(export);
        session.Read();
        devices.Read();
        work.Read(names.Nccl());
        calls.Read();
        metrics.Read();
        samples.Read();
        names.Resolve([.. work.Ids, .. calls.Ids, .. samples.Ids]);

        var (from, to) = session.Duration is { } duration ? (0, duration) : export.Seen ?? (0, 0);
        var gpus = work.Devices.All.Select(device => (IsOther: work.IsOther(device), Activity: device.ToSummary(from, to, session.Zero))).ToList();
        var summary = new ProfilerSummary(profiler)
        {
            Tool = session.Tool,
            Window = new SummaryWindow(Nanoseconds.ToSeconds(to - from), session.Zero is { } zero ? Nanoseconds.ToTime(zero + from) : null),
            Recorded = session.Recorded,
            Pids = [.. work.Processes],
            Gpus = [.. gpus.Select(static gpu => gpu.Activity)],
            Kernels = work.Kernels.ToSummary(kernel => work.NameOf(kernel, names)),
            Nccl = NcclShare.Of(work.Kernels.Entries.Select(pair => KeyValuePair.Create(work.NameOf(pair.Key, names).Short, pair.Value)), work.Kernels.All.Total, work.Devices.All, from, to),
            Copies = work.Copies.ToSummary(),
            ApiCalls = calls.ApiCalls(names),
            SystemCalls = calls.SystemCalls(names),
            Ranges = calls.Ranges(names),
            Metrics = metrics.ToSummary(),
            CpuSamples = samples.ToSummary(names),
            Diagnostics = session.Diagnostics,
            IsIncomplete = export.IsIncomplete,
            Notes = export.Notes,
        };
        // Metrics are those of the whole node, whoever uses its GPUs; work is that of the captured processes.
        var own = summary with
        {
            Gpus = [.. gpus.Where(static gpu => !gpu.IsOther).Select(static gpu => gpu.Activity)],
            Metrics = captured.AreKnown ? [.. summary.Metrics.Where(static metric => metric.Gpu is not null)] : summary.Metrics,
        };
        if (own.Metrics.Count == 0 && summary.Metrics.Count > 0) summary = summary with { Notes = [.. summary.Notes, "None of the GPUs whose metrics were sampled is known to be one of the captured: the triage says nothing of them."] };
        return summary with { Triage = SummaryTriage.Of(own) };
    }
}
