using FluentAssertions;
using Monitoring.Agent.Commands;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Health;
using Monitoring.Contracts.Events;
using Monitoring.Tests.Agent.Detection.Health;
using Xunit;

namespace Monitoring.Tests.Agent.Commands;

public sealed class HealthCheckTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly HealthUnderTest test = new();
    private double? age = 0.2;

    [Fact]
    public void A_healthy_node_passes() => Check().Should().BeEquivalentTo(new { Verdict = CheckVerdict.Pass, ExitCode = 0, Gpus = 2 });

    [Fact]
    public void A_reason_is_one_line_with_what_to_do()
    {
        test.Happen(EventKinds.Xid, 48, EventSeverity.Critical, HealthUnderTest.Gpu1, component: "memory");
        test.Happen(EventKinds.Xid, 48, EventSeverity.Critical, HealthUnderTest.Gpu1, component: "memory");
        var result = Check();
        result.ExitCode.Should().Be(2);
        result.Reasons.Should().ContainSingle().Which.ToString().Should().Be(
            "unhealthy: GPU 1 (GPU-bbbb), memory: xid 48 happened (since 2026-01-01T00:00:00Z, 2 times); Do something; clears by a reset of the GPU or a reload of the driver; runbook Book");
    }

    [Theory]
    [InlineData("unhealthy", 0)]
    [InlineData("degraded", 1)]
    public void Degraded_fails_only_where_asked(string failOn, int exitCode)
    {
        test.Fire(HealthUnderTest.Rule("warm", HealthState.Degraded), HealthUnderTest.Gpu0);
        var result = Check(failOn: failOn);
        result.ExitCode.Should().Be(exitCode);
        result.Reasons.Should().ContainSingle();
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 2)]
    [InlineData("0-1", 2)]
    [InlineData("GPU-bb", 2)]
    [InlineData("GPU-aaaa", 0)]
    [InlineData("all", 2)]
    public void Only_the_gpus_that_are_asked_for_count(string gpus, int exitCode)
    {
        test.Fire(HealthUnderTest.Rule("hot"), HealthUnderTest.Gpu1);
        Check(gpus).ExitCode.Should().Be(exitCode);
    }

    [Fact]
    public void The_node_as_a_whole_counts_whatever_gpus_are_asked_for()
    {
        test.Fire(HealthUnderTest.Rule("fabric_down", component: Components.Fabric), null);
        Check("0").ExitCode.Should().Be(2);
    }

    [Fact]
    public void Only_the_components_that_are_asked_for_count()
    {
        test.Fire(HealthUnderTest.Rule("hot"), HealthUnderTest.Gpu1);
        Check(components: ["memory"]).ExitCode.Should().Be(0);
        Check(components: ["memory", "thermal"]).ExitCode.Should().Be(2);
    }

    [Fact]
    public void Old_health_cannot_tell()
    {
        var health = Health();
        test.Time.Advance(TimeSpan.FromSeconds(31));
        Judge(health).Should().Match<CheckResult>(static result => result.ExitCode == 3 && result.Doubts.Single().StartsWith("health was last evaluated 31 s ago"));
    }

    [Theory]
    [InlineData(null, "has no readings")]
    [InlineData(31.0, "has readings that are 31 s old")]
    public void Old_readings_cannot_tell(double? seconds, string doubt)
    {
        age = seconds;
        Check("0").Should().Match<CheckResult>(result => result.ExitCode == 3 && result.Doubts.Single().Contains(doubt));
    }

    [Fact]
    public void What_is_known_to_be_unhealthy_is_so_even_without_readings()
    {
        age = null;
        test.Happen(EventKinds.Xid, 79, EventSeverity.Critical, HealthUnderTest.Gpu0);
        Check().ExitCode.Should().Be(2);
    }

    [Fact]
    public void A_gpu_that_the_agent_does_not_know_cannot_be_told() =>
        Check("0,7").Should().Match<CheckResult>(static result => result.ExitCode == 3 && result.Doubts.Single().StartsWith("GPU 7 is not known to the agent, which knows 0, 1."));

    [Theory]
    [InlineData("SLURM_JOB_GPUS", "1,3", "1,3")]
    [InlineData("SLURM_JOB_GPUS", "0-2", "0,1,2")]
    [InlineData("CUDA_VISIBLE_DEVICES", "GPU-9221d5d1", "GPU-9221d5d1")]
    [InlineData("CUDA_VISIBLE_DEVICES", "MIG-GPU-9221d5d1/1/0", "GPU-9221d5d1")]
    [InlineData("CUDA_VISIBLE_DEVICES", "MIG-5e2b4a1c", null)]
    [InlineData("CUDA_VISIBLE_DEVICES", "NoDevFiles", "")]
    [InlineData("NVIDIA_VISIBLE_DEVICES", "all", null)]
    [InlineData("NVIDIA_VISIBLE_DEVICES", "void", "")]
    [InlineData("SLURM_JOB_GPUS", "", "")]
    [InlineData("NOTHING", "1", null)]
    public void The_environment_names_the_gpus_of_a_job(string variable, string value, string? names) =>
        (GpuSelection.Parse("env", name => name == variable ? value : null, out _)!.Names is { } found ? string.Join(",", found) : null).Should().Be(names);

    [Theory]
    [InlineData("x")]
    [InlineData("0,,1")]
    [InlineData("3-1")]
    [InlineData("0-9999999")]
    [InlineData("-1")]
    [InlineData("GPU-")]
    public void A_selection_that_cannot_be_read_is_refused_in_words(string gpus)
    {
        GpuSelection.Parse(gpus, static _ => null, out var error).Should().BeNull();
        error.Should().StartWith("--gpus has '").And.Contain("expected indexes and UUIDs");
    }

    private CheckResult Check(string gpus = "all", string failOn = "unhealthy", params string[] components) => Judge(Health(), gpus, failOn, components);

    private CheckResult Judge(NodeHealth health, string gpus = "all", string failOn = "unhealthy", params string[] components) => HealthCheck.Judge(health,
        new CheckDemand(GpuSelection.Parse(gpus, static _ => null, out _)!, components, failOn == "degraded" ? HealthState.Degraded : HealthState.Unhealthy, Limit), test.Time.GetUtcNow());

    private NodeHealth Health() => test.Now with { Gpus = [.. test.Now.Gpus.Select(gpu => gpu with { DataAgeSeconds = age })] };
}
