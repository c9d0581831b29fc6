namespace Monitoring.Agent.Capture.Profilers;

/// <summary>A program to be run: what it is given and how long it may take.</summary>
/// <param name="Program">Its path, or its name where the PATH shall be searched.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Limit">After this it is ended.</param>
internal sealed record ProgramCall(string Program, IReadOnlyList<string> Arguments, TimeSpan Limit)
{
    /// <summary>Where it puts temporary files, its TMPDIR; null for the system's place.</summary>
    public string? TemporaryDirectory { get; init; }

    /// <summary>The file that its standard output goes to, readable by the agent alone; null keeps the end of it as text.</summary>
    public string? OutputFile { get; init; }

    /// <summary>What <see cref="OutputFile"/> may become; more is a failure.</summary>
    public long OutputFileBytesAtMost { get; init; } = 4L << 30;

    /// <summary>The same call made by way of other programs, such as nsenter.</summary>
    internal ProgramCall By(IReadOnlyList<string> prefix) => prefix is [] ? this : this with { Program = prefix[0], Arguments = [.. prefix.Skip(1), Program, .. Arguments] };
}

/// <summary>What became of a program.</summary>
/// <param name="ExitCode">Its exit code; null where it did not start or was ended.</param>
/// <param name="Output">The end of its standard output.</param>
/// <param name="Errors">The end of its standard error.</param>
/// <param name="TimedOut">True where it was ended for taking too long.</param>
/// <param name="Trouble">Why there is no exit code, one line; empty where there is one.</param>
internal sealed record ProgramAnswer(int? ExitCode, string Output, string Errors, bool TimedOut = false, string Trouble = "")
{
    /// <summary>Both outputs.</summary>
    internal string Text => Errors.Length == 0 ? Output : $"{Output}\n{Errors}";
}
