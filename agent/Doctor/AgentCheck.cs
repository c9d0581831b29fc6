using System.Net;

namespace Monitoring.Agent.Doctor;

/// <summary>The agent itself: its service, its port, and whether it has data.</summary>
internal sealed class AgentCheck : IDoctorCheck
{
    public string Name => "agent";

    public async Task<IReadOnlyList<Finding>> LookAsync(DoctorNode node, CancellationToken stop)
    {
        List<Finding> findings = [];
        var runs = node.Runs("gpu-agent");
        if (runs == true) findings.Add(Finding.Ok("the service gpu-agent runs"));
        else if (node.IsInstalled("gpu-agent")) findings.Add(runs is null ? Finding.Information("the service gpu-agent is installed; whether it runs cannot be seen: no control group of the system is here") : Finding.Failure("the service gpu-agent is installed and does not run", "systemctl status gpu-agent; journalctl -u gpu-agent; systemctl enable --now gpu-agent"));
        else findings.Add(Finding.Information("the service gpu-agent is not installed", "sudo ./install.sh agent installs it"));

        var address = node.Settings.LocalAddress;
        try
        {
            using var answer = await node.LocalHttp.GetAsync(new Uri(address, "/readyz"), stop).ConfigureAwait(false);
            var said = (await answer.Content.ReadAsStringAsync(stop).ConfigureAwait(false)).Trim().ReplaceLineEndings("; ");
            if (answer.StatusCode == HttpStatusCode.OK) findings.Add(Finding.Ok($"answers at {address} and has data: {said}"));
            else if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) findings.Add(Finding.Failure($"answers at {address} and has no fresh data: {said}", "the checks above say why"));
            else findings.Add(Finding.Failure($"something answers at {address} with {(int)answer.StatusCode}, and it is no gpu-agent", "ss -ltnp shows what has the port; set listen to another one"));
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException && !stop.IsCancellationRequested)
        {
            findings.Add(runs == true
                ? Finding.Failure($"nothing answers at {address}", "the service may listen elsewhere: give its file with --config; journalctl -u gpu-agent")
                : Finding.Information($"nothing answers at {address}: no agent runs with this configuration"));
        }
        return findings;
    }
}
