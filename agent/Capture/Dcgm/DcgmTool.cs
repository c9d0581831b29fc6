using System.ComponentModel;
using System.Diagnostics;

namespace Monitoring.Agent.Capture.Dcgm;

/// <summary>Runs <c>dcgmi</c> with a limit on its time and on what it prints.</summary>
/// <param name="program">Its name or path.</param>
internal sealed class DcgmTool(string program, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private const int CharactersAtMost = 4096;

    /// <summary>Runs it.</summary>
    internal async Task<DcgmAnswer> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (Exception fault) when (fault is Win32Exception or IOException)
        {
            return new DcgmAnswer(WasStarted: false, null, $"{program} cannot be started: {fault.Message}");
        }
        if (process is null) return new DcgmAnswer(WasStarted: false, null, $"{program} cannot be started");
        using (process)
        using (var limit = new CancellationTokenSource(Patience, time))
        {
            process.StandardInput.Close();
            try
            {
                var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
                await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
                var said = string.Join(' ', await output.ConfigureAwait(false)).ReplaceLineEndings(" ").Trim();
                return new DcgmAnswer(WasStarted: true, process.ExitCode, said.Length <= CharactersAtMost ? said : said[..CharactersAtMost]);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                return new DcgmAnswer(WasStarted: true, null, $"{program} did not end within {Patience.TotalSeconds} s");
            }
        }
    }
}

/// <summary>What came of running dcgmi.</summary>
/// <param name="WasStarted">False where it is not there.</param>
/// <param name="Code">Its exit code; null where it was not started or did not end.</param>
/// <param name="Words">What it printed, or why it could not be run.</param>
internal sealed record DcgmAnswer(bool WasStarted, int? Code, string Words);
