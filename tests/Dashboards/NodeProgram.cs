using System.Diagnostics;
using System.Text.Json;

namespace Monitoring.Tests.Dashboards;

/// <summary>A program of <c>tests/Node</c>: reads JSON, writes JSON.</summary>
internal static class NodeProgram
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    /// <summary>Runs it to its end and gives its answer.</summary>
    internal static async Task<JsonElement> RunAsync(string name, object input)
    {
        var packages = Requirement.TestNode();
        using var process = Process.Start(new ProcessStartInfo(Requirement.Program("node"), [RepositoryRoot.Combine("tests", "Node", name), packages])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        }) ?? throw new InvalidOperationException("node did not start.");
        using var limit = new CancellationTokenSource(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.StandardInput.WriteAsync(JsonSerializer.Serialize(input).AsMemory(), limit.Token);
        process.StandardInput.Close();
        await process.WaitForExitAsync(limit.Token);
        if (process.ExitCode != 0) throw new InvalidOperationException($"{name} ended with exit code {process.ExitCode}: {await errors}");
        return JsonSerializer.Deserialize<JsonElement>(await output);
    }
}
