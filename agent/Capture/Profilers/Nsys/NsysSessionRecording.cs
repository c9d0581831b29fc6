using System.Globalization;

namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>
/// One recording in one job's session. What is written lies in a folder below the session's own directory, made by its user; the folder is also
/// the mark by which a recording is found and ended after the agent died.
/// </summary>
internal sealed class NsysSessionRecording(NsysTool tool, OrphanSweep orphans, NsysSettings settings, NsysJobSession session, string captureId)
{
    private static readonly TimeSpan FileLimit = TimeSpan.FromSeconds(10);

    /// <summary>Reading a report of gigabytes out of a pod.</summary>
    private static readonly TimeSpan FetchLimit = TimeSpan.FromMinutes(2);

    private readonly string folder = FolderOf(session, captureId);

    internal NsysJobSession Session => session;

    /// <summary>Why it was not begun, one line; null where it was.</summary>
    internal string? Trouble { get; private set; }

    private string Report => $"{folder}/report{NsysReport.Extension}";

    private static string FolderOf(NsysJobSession session, string captureId) => $"{session.Place.TemporaryDirectory}/{OrphanSweep.SessionName(captureId)}";

    /// <summary>Free bytes where the session writes; null where that cannot be told.</summary>
    internal async Task<long?> FreeAsync(CancellationToken cancellationToken)
    {
        var answer = await tool.Programs.RunAsync(session.Place.Shell(FileLimit, "df -P -k -- \"$1\"", session.Place.TemporaryDirectory), cancellationToken).ConfigureAwait(false);
        // The columns after the device's name are numbers and never wrap: size, used, available.
        return answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries) is [_, var line, ..]
            && line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, _, var available, ..]
            && long.TryParse(available, NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes) ? kibibytes << 10 : null;
    }

    /// <summary>Begins to record. A session that ended meanwhile would be made anew, empty, by nsys; that one is ended again.</summary>
    internal async Task StartAsync(NsysOptions options, CancellationToken cancellationToken)
    {
        if (await FreeAsync(cancellationToken).ConfigureAwait(false) is { } free && free < settings.FreeSpaceFloorBytes)
        {
            (Trouble, IsDiskFull) = (FreeSpace.Words(session.Place.TemporaryDirectory, free, settings.FreeSpaceFloorBytes), true);
            return;
        }
        var made = await tool.Programs.RunAsync(session.Place.Shell(FileLimit, "umask 077 && mkdir -- \"$1\"", folder), cancellationToken).ConfigureAwait(false);
        if (made.ExitCode != 0)
        {
            Trouble = $"no folder can be made in {session.Place.TemporaryDirectory}: {NsysOutput.Complaint(made.Text)}{made.Trouble}";
            return;
        }
        var started = await tool.StartAsync(session.Place,
            [$"--session={session.Name}", "--sample=none", "--cpuctxsw=none", .. options.IfKnown("discard-environment", "true"), "--force-overwrite=true", $"--output={Report}"], cancellationToken).ConfigureAwait(false);
        var after = await tool.SessionsAsync(session.Place, CancellationToken.None).ConfigureAwait(false);
        var now = after?.FirstOrDefault(other => other.Name == session.Name);
        if (now is { State: NsysSession.Collection } && now.Id == session.Session.Id) return;
        // The list may not show it yet, and a shutdown may be lost: the daemon itself says that it is there.
        if (now?.Id != session.Session.Id) await orphans.EndStraysAsync(session.Agent, session.Place, session.Name).ConfigureAwait(false);
        Trouble = now is null || now.Id != session.Session.Id ? $"session {session.Name} ended before it was recorded"
            : $"session {session.Name} did not begin to record: {started.Trouble}{NsysOutput.Complaint(started.Text)}";
        await RemoveAsync().ConfigureAwait(false);
    }

    /// <summary>True where <see cref="Trouble"/> is a full disk.</summary>
    internal bool IsDiskFull { get; private set; }

    /// <summary>Ends the recording; session and job go on. A session whose nsys hangs is ended: it would take a core from the job for ever.</summary>
    internal async Task<ProgramAnswer> StopAsync(TimeSpan recorded)
    {
        var stopped = await tool.StopAsync(session.Place, session.Name, recorded).ConfigureAwait(false);
        if (stopped.TimedOut) await orphans.EndAsync(session.Agent, session.Place).ConfigureAwait(false);
        return stopped;
    }

    /// <summary>
    /// Reads the report with the rights of the session's user into a file of the agent's. The folder is the user's, who may have laid anything
    /// there, so that no more is read than the limit; what was copied until then is removed.
    /// </summary>
    /// <returns>Why there is none, one line; null where there is one.</returns>
    internal async Task<string?> FetchAsync(ProgramAnswer stopped, string path, CopyLimit limit)
    {
        if (limit.Bytes <= 0) return $"the report of session {session.Name} was not taken: {limit.Words}";
        // A job that ended while it was recorded ended the recording too: then its report is there, and the stop was refused.
        var call = session.Place.Shell(FetchLimit, "cat -- \"$1\"", Report) with { OutputFile = path, OutputFileBytesAtMost = limit.Bytes };
        var answer = await tool.Programs.RunAsync(call, CancellationToken.None).ConfigureAwait(false);
        if (answer.ExitCode == 0 && answer.Output.Length == 0 && NsysReport.Fault(path) is null) return null;
        File.Delete(path);
        // Of a copy the output is what hindered it.
        if (answer.Output.Length > 0) return $"the report of session {session.Name} was not taken: {answer.Output}; {limit.Words}";
        var words = stopped.Trouble.Length > 0 ? stopped.Trouble : NsysOutput.Complaint(stopped.Text);
        return $"session {session.Name} made no report{(words.Length > 0 ? $": {words}" : "")}";
    }

    internal Task RemoveAsync() => tool.Programs.RunAsync(session.Place.Shell(FileLimit, "rm -rf -- \"$1\"", folder), CancellationToken.None);

    /// <summary>Ends a recording of an earlier life of the agent, if there is one in this session.</summary>
    internal async Task ResumeAndEndAsync()
    {
        var mark = await tool.Programs.RunAsync(session.Place.Shell(FileLimit, "test -d \"$1\"", folder), CancellationToken.None).ConfigureAwait(false);
        if (mark.ExitCode != 0) return;
        if (session.Session.State == NsysSession.Collection) await StopAsync(RecordingTime.Longest).ConfigureAwait(false);
        await RemoveAsync().ConfigureAwait(false);
    }
}
