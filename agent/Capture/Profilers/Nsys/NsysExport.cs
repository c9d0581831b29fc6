using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>Makes of reports what goes into the bundle: the reports themselves and the summary of the first that can be read, which says so.</summary>
/// <param name="summarise">Reads an exported database, told of the GPUs that the capture is of; null where nothing can be read of it.</param>
internal sealed class NsysExport(NsysInstallations installations, NsysTool tool, NsysSettings settings, Func<string, IReadOnlyList<CapturedGpu>, ProfilerSummary?> summarise)
{
    /// <summary>A report is compressed, its database is not: three times its size on small ones; the rest is our own choice for many short kernels.</summary>
    private const int DatabaseToReport = 12;

    /// <summary>Moves each report into the bundle and reads it. A report that cannot be exported is kept, and the run says so.</summary>
    /// <remarks>An earlier life of the agent may have got to any step of it.</remarks>
    /// <exception cref="OperationCanceledException">It is taken back, or the agent ends: what is not in the bundle yet lies where it was recorded.</exception>
    internal async Task<ProfilerOutcome> RunAsync(ProfilerTask task, ProfilerOutcome recorded, CancellationToken cancellationToken)
    {
        if (!recorded.Run.Succeeded || recorded.Raw is []) return recorded;
        var installation = await installations.FindAsync(cancellationToken).ConfigureAwait(false);
        var (files, raw, troubles) = (new List<ProfilerFile>(recorded.Files), new List<string>(), new List<string>());
        ProfilerSummary? summary = null;
        var isSecret = !settings.EnvironmentsInReports && installation?.Start.Has("discard-environment") != true;
        foreach (var recording in recorded.Raw)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var name = Path.GetFileName(recording);
            var database = Path.Combine(task.ScratchDirectory, Path.ChangeExtension(name, ".sqlite"));
            var report = RecordedFile.Find(task, recording) ?? recording;
            if (isSecret && !File.Exists(report) && File.Exists(database))
            {
                raw.Add(database);
                summary ??= Summary(task, recorded, name, database, troubles);
                troubles.Add(LeftOut(name));
                continue;
            }
            if (NsysReport.Fault(report) is { } fault)
            {
                troubles.Add(fault);
                continue;
            }
            var trouble = installation is null ? installations.Missing : TooLittleRoom(report, task.ScratchDirectory) ?? await tool.ExportAsync(installation, report, database, task.ScratchDirectory, cancellationToken).ConfigureAwait(false);
            // Ending nsys made the trouble: it is exported once more by the next life, or thrown away.
            cancellationToken.ThrowIfCancellationRequested();
            if (trouble is not null) troubles.Add($"{name}: {trouble}");
            else
            {
                raw.Add(database);
                summary ??= Summary(task, recorded, name, database, troubles);
            }
            if (isSecret)
            {
                File.Delete(report);
                troubles.Add(LeftOut(name));
                continue;
            }
            NsysReport.Close(RecordedFile.Keep(task, recording));
            files.Add(new ProfilerFile(name, CaptureFileKinds.Report, NsysReport.MediaType));
        }
        // A report that cannot be opened here is of use to nobody; one that a newer nsys made is, to somebody with that.
        var isWhole = (files.Count > recorded.Files.Count && (troubles is [] || raw.Count > 0)) || (isSecret && summary is not null);
        var words = troubles is [] ? recorded.Run.Words : string.Join("; ", ((string[])[recorded.Run.Words, .. troubles]).Where(static part => part.Length > 0));
        return recorded with { Run = recorded.Run with { Succeeded = isWhole, Words = words }, Files = files, Raw = raw, Summary = summary };
    }

    private static string LeftOut(string name) => $"{name} was left out, since this nsys writes environments into it (capture.nsys.environments_in_reports)";

    /// <summary>A database that fills the disk would take it from the jobs of the node.</summary>
    private string? TooLittleRoom(string report, string scratch) => FreeSpace.TooLittle(settings.FreeSpaceFloorBytes + (DatabaseToReport * new FileInfo(report).Length), scratch);

    private ProfilerSummary? Summary(ProfilerTask task, ProfilerOutcome recorded, string report, string database, List<string> troubles)
    {
        try
        {
            return summarise(database, task.Scope.Gpus) is { } summary ? SummarisedReport.Named(summary, report, "", recorded.Raw.Count) : null;
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException)
        {
            troubles.Add($"the database could not be read: {fault.Message}");
            return null;
        }
    }
}
