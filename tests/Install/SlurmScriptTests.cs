using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Install;

/// <summary>The scripts for Slurm, with an agent and a scontrol that a test plays.</summary>
public sealed class SlurmScriptTests : IDisposable
{
    private const string Reason = "unhealthy: GPU 3 (GPU-aaaa), memory: XID 48 happened (since 2026-01-01T00:00:00Z); Drain; clears by a reset";
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_unhealthy_node_is_drained_with_the_reason()
    {
        var changes = await HealthCheckAsync(agentExits: 2, $"{Reason}\nunhealthy: another", State("IDLE"));
        changes.Should().ContainSingle().Which.Should().StartWith("update NodeName=node-1 State=DRAIN Reason=gpu-agent: GPU 3 (GPU-aaaa), memory: XID 48 happened");
    }

    [Fact]
    public async Task A_long_reason_is_cut() =>
        (await HealthCheckAsync(2, "unhealthy: " + new string('x', 5000), State("IDLE"))).Single().Length.Should().BeLessThan(300);

    [Theory]
    [InlineData("MIXED+DRAIN", "gpu-agent: GPU 3 [root@2026-01-01T00:00:00]")]
    [InlineData("IDLE+DRAIN", "somebody works on it [alice@2026-01-01T00:00:00]")]
    [InlineData("DOWN", "Not responding [slurm@2026-01-01T00:00:00]")]
    public async Task A_node_that_is_out_of_service_already_keeps_its_reason(string state, string reason) =>
        (await HealthCheckAsync(2, Reason, State(state, reason))).Should().BeEmpty();

    [Fact]
    public async Task A_node_that_is_well_again_is_resumed_where_this_script_drained_it() =>
        (await HealthCheckAsync(0, "healthy: node", State("IDLE+DRAIN", "gpu-agent: GPU 3 [root@2026-01-01T00:00:00]"))).Should().Equal("update NodeName=node-1 State=RESUME");

    [Theory]
    [InlineData("IDLE+DRAIN", "somebody works on it [alice@2026-01-01T00:00:00]")]
    [InlineData("IDLE+DRAIN", "Prolog error")]
    [InlineData("DOWN+DRAIN", "gpu-agent: GPU 3 [root@2026-01-01T00:00:00]")]
    [InlineData("IDLE", "")]
    public async Task What_it_did_not_drain_it_does_not_resume(string state, string reason) =>
        (await HealthCheckAsync(0, "healthy: node", State(state, reason))).Should().BeEmpty();

    [Theory]
    [InlineData(3)]
    [InlineData(127)]
    public async Task An_agent_that_cannot_tell_changes_nothing(int code) =>
        (await HealthCheckAsync(code, "", State("IDLE+DRAIN", "gpu-agent: GPU 3"))).Should().BeEmpty();

    [Fact]
    public async Task An_epilog_drains_and_resumes_nothing_and_never_fails()
    {
        (await HealthCheckAsync(0, "healthy: node", State("IDLE+DRAIN", "gpu-agent: GPU 3"), script: "epilog.sh")).Should().BeEmpty();
        (await HealthCheckAsync(2, Reason, State("IDLE"), script: "epilog.sh")).Should().ContainSingle();
        var broken = await RunAsync("epilog.sh", ("GPU_AGENT", "/nowhere"), ("SCONTROL", "/nowhere"));
        broken.ExitCode.Should().Be(0);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    public async Task A_prolog_lets_a_job_start_only_where_the_check_passes(int agentExits, int prologExits)
    {
        var agent = Agent(agentExits, Reason);
        var outcome = await RunAsync("prolog.sh", ("GPU_AGENT", agent), ("SCONTROL", Scontrol(State("IDLE"))), ("SLURMD_NODENAME", "node-1"));

        outcome.ExitCode.Should().Be(prologExits);
        File.ReadAllText(folder.Combine("asked")).Should().StartWith("check --gpus env --fail-on unhealthy --timeout 5s --when-unreachable pass");
        Changes().Should().HaveCount(agentExits == 2 ? 1 : 0);
    }

    private async Task<string[]> HealthCheckAsync(int agentExits, string said, string shown, string script = "health-check.sh")
    {
        var outcome = await RunAsync(script, ("GPU_AGENT", Agent(agentExits, said)), ("SCONTROL", Scontrol(shown)), ("SLURMD_NODENAME", "node-1"));
        outcome.ExitCode.Should().Be(0, outcome.Errors);
        return Changes();
    }

    private static Task<Installer.Outcome> RunAsync(string script, params (string, string)[] environment) =>
        Installer.RunProgramAsync(RepositoryRoot.Combine("packaging", "slurm", script), [], environment);

    private string Agent(int exits, string said) => folder.Program($"""
        #!/usr/bin/env bash
        printf '%s\n' "$*" >>'{folder.Combine("asked")}'
        cat '{folder.Write(said + "\n", "said")}'
        exit {exits}
        """, "gpu-agent");

    private string Scontrol(string shown) => folder.Program($"""
        #!/usr/bin/env bash
        if [[ $1 == show ]]; then cat '{folder.Write(shown, "shown")}'; else printf '%s\n' "$*" >>'{folder.Combine("changes")}'; fi
        """, "scontrol");

    private string[] Changes() => File.Exists(folder.Combine("changes")) ? File.ReadAllLines(folder.Combine("changes")) : [];

    /// <summary>What scontrol shows of a node, as Slurm 24.05 prints it.</summary>
    private static string State(string state, string reason = "") => $"""
        NodeName=node-1 Arch=x86_64 CoresPerSocket=56
           CPUAlloc=0 CPUEfctv=224 CPUTot=224 CPULoad=0.29
           AvailableFeatures=(null)
           Gres=gpu:h100:8(S:0-1)
           NodeAddr=node-1 NodeHostName=node-1 Version=24.05.2
           State={state} ThreadsPerCore=2 TmpDisk=0 Weight=1 Owner=N/A MCS_label=N/A
           BootTime=2026-01-01T00:00:00 SlurmdStartTime=2026-01-01T00:01:00
           {(reason.Length > 0 ? "Reason=" + reason : "")}

        """;
}
