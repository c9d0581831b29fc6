namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>
/// Begins a recording of the whole node. The program and its daemon find each other only mostly: 2022.4 loses a race 2 times of 25, 2023.4's daemon
/// crashed on its first call 2 times of 40 on a busy machine. What is left over is then ended, and it is tried again.
/// </summary>
internal sealed class NsysSystemStart(NsysTool tool, OrphanSweep orphans)
{
    private const int Attempts = 3;
    private static readonly string[] LostDaemon = ["Local Endpoint is not available", "Connection to Agent lost"];

    internal async Task<ProgramAnswer> BeginAsync(NsysPlace place, string session, IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var answer = await tool.StartAsync(place, options, cancellationToken).ConfigureAwait(false);
            if (answer.ExitCode == 0 || attempt == Attempts || !LostDaemon.Any(words => answer.Text.Contains(words, StringComparison.Ordinal))) return answer;
            await orphans.EndAsync(session).ConfigureAwait(false);
        }
    }
}
