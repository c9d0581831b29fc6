namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>The calls of nsys, each with its limit. No exit code is believed but that of <c>export</c>: the others are 0 for most failures.</summary>
internal sealed class NsysTool(BoundedProgram programs)
{
    /// <summary>Measured: 0.1 s to list, 0.2 to 0.7 s to start; a busy node takes a multiple.</summary>
    private static readonly TimeSpan ShortLimit = TimeSpan.FromSeconds(10);

    /// <summary>The daemon of a session is given this to read its first signals and processes.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);

    /// <summary>Beyond the recorded time; measured: 2 to 5 s for 2 s of recording, and it may hang for ever.</summary>
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(10);

    /// <summary>900 000 kernels are exported in some ten seconds.</summary>
    private static readonly TimeSpan ExportLimit = TimeSpan.FromMinutes(3);

    internal BoundedProgram Programs => programs;

    /// <summary>The sessions that are seen at a place; null where nsys did not answer.</summary>
    internal async Task<IReadOnlyList<NsysSession>?> SessionsAsync(NsysPlace place, CancellationToken cancellationToken)
    {
        var answer = await programs.RunAsync(place.Nsys(ShortLimit, "sessions", "list"), cancellationToken).ConfigureAwait(false);
        return answer.ExitCode == 0 ? NsysSession.Read(answer.Output) : null;
    }

    internal Task<ProgramAnswer> StartAsync(NsysPlace place, IEnumerable<string> options, CancellationToken cancellationToken) =>
        programs.RunAsync(place.Nsys(StartLimit, ["start", .. options]), cancellationToken);

    /// <summary>Ends a recording and has its report made; ends by itself in every case, so that a capture that is taken back still stops it.</summary>
    internal Task<ProgramAnswer> StopAsync(NsysPlace place, string session, TimeSpan recorded) =>
        programs.RunAsync(place.Nsys(recorded + StopMargin, "stop", $"--session={session}"), CancellationToken.None);

    /// <summary>Ends a session. Without <c>--kill=none</c> it would end the job as well.</summary>
    internal Task<ProgramAnswer> ShutdownAsync(NsysPlace place, string session) =>
        programs.RunAsync(place.Nsys(ShutdownLimit, "shutdown", "--kill=none", $"--session={session}"), CancellationToken.None);

    /// <summary>Why a report could not be made a database, one line; null where it was. The file is always made anew: nsys would take a stale one.</summary>
    internal async Task<string?> ExportAsync(NsysInstallation installation, string report, string database, string temporaryDirectory, CancellationToken cancellationToken)
    {
        File.Delete(database);
        var call = new ProgramCall(installation.Program, ["export", "--type=sqlite", .. installation.Export.IfKnown("quiet", "true"), $"--output={database}", report], ExportLimit) { TemporaryDirectory = temporaryDirectory };
        var answer = await programs.RunAsync(call, cancellationToken).ConfigureAwait(false);
        if (answer.ExitCode == 0 && File.Exists(database) && new FileInfo(database).Length > 0)
        {
            NsysReport.Close(database);
            return null;
        }
        return answer.Trouble.Length > 0 ? answer.Trouble : NsysOutput.Complaint(answer.Text) is { Length: > 0 } words ? words : $"nsys export ended with exit code {answer.ExitCode} and without a database";
    }
}
