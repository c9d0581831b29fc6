using System.Diagnostics;

namespace Monitoring.Tests;

/// <summary>Prometheus' own reader and linter of pages.</summary>
internal static class Promtool
{
    /// <summary>What <c>promtool check metrics</c> says of a page; empty for nothing.</summary>
    internal static async Task<string> CheckMetricsAsync(string page)
    {
        using var process = Process.Start(new ProcessStartInfo(Requirement.Program("promtool"), "check metrics")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(page);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return await output + await errors + (process.ExitCode == 0 ? "" : $"exit code {process.ExitCode}");
    }
}
