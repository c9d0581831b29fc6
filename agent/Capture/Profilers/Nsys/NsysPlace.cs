namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>Where calls of nsys are made so that they find a session: which program, by way of what, with which TMPDIR.</summary>
/// <param name="Program">The nsys; of the session's own version.</param>
/// <param name="Prefix">Programs that lead there, such as nsenter; empty for the agent's own namespaces and user.</param>
/// <param name="TemporaryDirectory">The session's TMPDIR, as it is named there.</param>
internal sealed record NsysPlace(string Program, IReadOnlyList<string> Prefix, string TemporaryDirectory)
{
    internal ProgramCall Nsys(TimeSpan limit, params IReadOnlyList<string> arguments) => Call(Program, limit, arguments);

    /// <summary>A line of shell with its arguments, for what is done with files there.</summary>
    internal ProgramCall Shell(TimeSpan limit, string script, params IReadOnlyList<string> arguments) => Call("/bin/sh", limit, ["-c", script, "sh", .. arguments]);

    private ProgramCall Call(string program, TimeSpan limit, IReadOnlyList<string> arguments) =>
        new ProgramCall(program, arguments, limit) { TemporaryDirectory = TemporaryDirectory }.By(Prefix);
}
