using Monitoring.Agent.Capture.Summaries.Sqlite;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Summaries.Nsys;

/// <summary>The summary of what <c>nsys export --type sqlite</c> wrote.</summary>
internal static class NsysSummary
{
    /// <summary>Reads an export. What is damaged or missing is noted in the summary.</summary>
    /// <param name="path">The database.</param>
    /// <param name="profiler">Which profiler recorded it.</param>
    /// <exception cref="SummaryException">It is no database that can be read.</exception>
    internal static ProfilerSummary Read(string path, string profiler = ProfilerNames.NsysSystem, CancellationToken cancellationToken = default)
    {
        try
        {
            using var file = SqliteFile.Open(path);
            return Read(file, profiler, cancellationToken);
        }
        catch (SqliteException fault)
        {
            throw new SummaryException($"'{Path.GetFileName(path)}' {fault.Message}", fault);
        }
    }

    private static ProfilerSummary Read(SqliteFile file, string profiler, CancellationToken cancellationToken)
    {
        var export = new NsysExport(file, cancellationToken);
        var names = new NsysNames(export);
        var session = new NsysSession(export);
        var work = new NsysGpuWork(export);
        var calls = new NsysCalls(export);
        var metrics = new NsysGpuMetrics(export);
        var samples = new NsysCpuSamples(export);
        session.Read();
        work.Read(names.Nccl());
        calls.Read();
        metrics.Read();
        samples.Read();
        names.Resolve([.. work.Ids, .. calls.Ids, .. samples.Ids]);

        var (from, to) = session.Duration is { } duration ? (0, duration) : export.Seen ?? (0, 0);
        var summary = new ProfilerSummary(profiler)
        {
            Tool = session.Tool,
            Window = new SummaryWindow(Nanoseconds.ToSeconds(to - from), session.Zero is { } zero ? Nanoseconds.ToTime(zero + from) : null),
            Recorded = session.Recorded,
            Gpus = [.. work.Devices.All.Select(device => device.ToSummary(from, to, session.Zero))],
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
        return summary with { Triage = SummaryTriage.Of(summary) };
    }
}
