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
    [InlineData(3, 0)]
    [InlineData(78, 0)]
    [InlineData(126, 0)]
    [InlineData(134, 0)]
    public async Task A_prolog_lets_a_job_start_but_where_a_GPU_is_known_to_be_unhealthy(int agentExits, int prologExits)
    {
        (await PrologAsync(Agent(agentExits, Reason))).Should().Be(prologExits);
        Asked().Should().OnlyContain(static arguments => arguments.StartsWith("check --gpus env --fail-on unhealthy --timeout 5s --when-unreachable pass"));
        Changes().Should().HaveCount(agentExits == 2 ? 1 : 0);
        if (agentExits == 2) Changes()[0].Should().StartWith("update NodeName=node-1 State=DRAIN Reason=gpu-agent: GPU 3 (GPU-aaaa), memory: XID 48 happened");
    }

    [Theory]
    [InlineData("pass", 0)]
    [InlineData("fail", 1)]
    public async Task A_node_without_an_agent_is_as_one_whose_agent_does_not_answer(string whenUnreachable, int prologExits)
    {
        (await PrologAsync("/nowhere/gpu-agent", ("GPU_CHECK_WHEN_UNREACHABLE", whenUnreachable))).Should().Be(prologExits);
        Changes().Should().HaveCount(prologExits);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(78)]
    public async Task Where_a_node_of_which_nobody_can_tell_is_to_fail_it_is_drained_so_that_it_is_resumed(int agentExits)
    {
        (await PrologAsync(Agent(agentExits, "cannot tell: GPU 0 is not known\nmore"), ("GPU_CHECK_WHEN_UNREACHABLE", "fail"))).Should().Be(1);
        var drained = Changes().Should().ContainSingle().Which;
        drained.Should().Be($"update NodeName=node-1 State=DRAIN Reason=gpu-agent: nobody can tell how this node is (gpu-agent check: {agentExits}): GPU 0 is not known");

        var reason = drained[(drained.IndexOf("Reason=", StringComparison.Ordinal) + "Reason=".Length)..];
        (await HealthCheckAsync(0, "healthy: node", State("IDLE+DRAIN", $"{reason} [root@2026-01-01T00:00:00]"))).Should().EndWith("update NodeName=node-1 State=RESUME");
    }

    [Fact]
    public async Task A_prolog_gives_an_agent_that_was_just_started_the_time_to_find_its_GPUs()
    {
        (await PrologAsync(AgentThatLearns(cannotTellTimes: 4), ("GPU_CHECK_WHEN_UNREACHABLE", "fail"))).Should().Be(0);
        Asked().Should().HaveCount(5);
        Changes().Should().BeEmpty();
    }

    [Theory]
    [InlineData(3, 6)]
    [InlineData(78, 1)]
    public async Task It_asks_again_only_where_the_agent_may_know_more_and_not_for_ever(int agentExits, int times)
    {
        await PrologAsync(Agent(agentExits, ""));
        Asked().Should().HaveCount(times);
    }

    [Fact]
    public async Task A_node_that_is_out_of_service_already_keeps_its_reason_also_in_a_prolog()
    {
        (await PrologAsync(Agent(2, Reason), State("IDLE+DRAIN", "somebody works on it"))).Should().Be(1);
        Changes().Should().BeEmpty();
    }

    private async Task<string[]> HealthCheckAsync(int agentExits, string said, string shown, string script = "health-check.sh")
    {
        var outcome = await RunAsync(script, ("GPU_AGENT", Agent(agentExits, said)), ("SCONTROL", Scontrol(shown)), ("SLURMD_NODENAME", "node-1"));
        outcome.ExitCode.Should().Be(0, outcome.Errors);
        return Changes();
    }

    private Task<int> PrologAsync(string agent, params (string, string)[] environment) => PrologAsync(agent, State("IDLE"), environment);

    private async Task<int> PrologAsync(string agent, string shown, params (string, string)[] environment) =>
        (await RunAsync("prolog.sh", [("GPU_AGENT", agent), ("SCONTROL", Scontrol(shown)), ("SLURMD_NODENAME", "node-1"), ("GPU_CHECK_TRIES", "6"), ("GPU_CHECK_PAUSE_SECONDS", "0"), .. environment])).ExitCode;

    private static Task<Installer.Outcome> RunAsync(string script, params (string, string)[] environment) =>
        Installer.RunProgramAsync(RepositoryRoot.Combine("packaging", "slurm", script), [], environment);

    private string Agent(int exits, string said) => folder.Program($"""
        #!/usr/bin/env bash
        printf '%s\n' "$*" >>'{folder.Combine("asked")}'
        cat '{folder.Write(said + "\n", "said")}'
        exit {exits}
        """, "gpu-agent");

    /// <summary>One that knows its GPUs after it was asked so often.</summary>
    private string AgentThatLearns(int cannotTellTimes) => folder.Program($"""
        #!/usr/bin/env bash
        printf '%s\n' "$*" >>'{folder.Combine("asked")}'
        if (($(wc -l <'{folder.Combine("asked")}') <= {cannotTellTimes})); then exit 3; fi
        """, "gpu-agent");

    private string[] Asked() => File.ReadAllLines(folder.Combine("asked"));

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
