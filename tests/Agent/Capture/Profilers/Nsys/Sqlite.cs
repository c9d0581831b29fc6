using Xunit;
using System.Diagnostics;

namespace Monitoring.Tests.Agent.Capture.Profilers.Nsys;

/// <summary>The sqlite3 that comes with nsys, as an independent reader of what was exported.</summary>
internal static class Sqlite
{
    /// <summary>The answer to a question, without the line's end.</summary>
    internal static async Task<string> AskAsync(string database, string question)
    {
        var program = Path.Combine(Path.GetDirectoryName(Requirement.Nsys())!, "sqlite3");
        Requirement.That(File.Exists(program), $"{program} is missing");
        using var process = Process.Start(new ProcessStartInfo(program, [database, question]) { RedirectStandardOutput = true })!;
        return (await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim();
    }
}
