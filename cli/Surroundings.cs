namespace Monitoring.Cli;

/// <summary>What a command sees of the world; tests give it another.</summary>
internal sealed record Surroundings
{
    public TextWriter Out { get; init; } = Console.Out;

    public TextWriter Error { get; init; } = Console.Error;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Reads a variable of the environment.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Name of the person, for the audit.</summary>
    public string User { get; init; } = Environment.UserName;

    /// <summary>Directory that downloads go to.</summary>
    public string Directory { get; init; } = Environment.CurrentDirectory;
}
