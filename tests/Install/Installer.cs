using System.Diagnostics;

namespace Monitoring.Tests.Install;

/// <summary>Runs <c>install.sh</c> and other programs as a person would, and keeps what they said.</summary>
internal static class Installer
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    internal static Task<Outcome> RunAsync(params string[] arguments) =>
        RunProgramAsync("bash", [Path.Combine(RepositoryRoot.Path, "install.sh"), .. arguments]);

    internal static Task<Outcome> RunProgramAsync(string program, params string[] arguments) =>
        RunProgramAsync(program, arguments, environment: []);

    internal static async Task<Outcome> RunProgramAsync(string program, string[] arguments, (string Name, string Value)[] environment)
    {
        var information = new ProcessStartInfo(program)
        {
            WorkingDirectory = RepositoryRoot.Path,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
            information.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            information.Environment[name] = value;
        using var process = Process.Start(information) ?? throw new InvalidOperationException($"{program} did not start");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Limit);
        await process.WaitForExitAsync(limit.Token);
        return new Outcome(process.ExitCode, await output, await errors);
    }

    internal sealed record Outcome(int ExitCode, string Output, string Errors)
    {
        /// <summary>What was printed with the places of this checkout replaced, so that it can be a golden file.</summary>
        internal string Neutral => Output.Replace(RepositoryRoot.Path, "REPOSITORY", StringComparison.Ordinal);
    }
}
