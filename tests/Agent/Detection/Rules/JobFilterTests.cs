using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules;

/// <summary>Rules that look at the GPUs of certain jobs alone.</summary>
public sealed class JobFilterTests
{
    private const string Power = "gpu_power_watts";
    private static readonly JobReference Train = new("slurm", "4711", "train-llm");
    private static readonly JobReference Other = new("slurm", "12", "tests");
    private static readonly RuleDefinition Rule = Rule(Above(Power, 500), "rule") with { Filter = RuleFilter.All with { Jobs = ["train-*"] } };

    private readonly Dictionary<string, JobReference?> jobs = [];

    [Theory]
    [InlineData("train-*")]
    [InlineData("4711")]
    public void A_rule_fires_where_the_job_has_the_id_or_the_name(string filter)
    {
        Job(0, Train);
        Job(1, Other);
        var harness = Harness(Rule with { Filter = RuleFilter.All with { Jobs = [filter] } }).Set(Power, 600).Set(Power, 600, gpu: 1);
        harness.Run(1);
        harness.Log.Should().Equal("00:00:00.0 fired rule 0");
        harness.Status("rule", 1).Should().BeEquivalentTo(new { State = RuleState.Armed, Why = $"filter: job 12 (tests), wanted is one of {filter}" });
    }

    [Fact]
    public void It_clears_when_the_job_leaves_and_fires_when_one_comes()
    {
        Job(0, Train);
        var harness = Harness(Rule).Set(Power, 600);
        harness.Run(1);
        Job(0, null);
        harness.Run(1);
        Job(0, Train with { Id = "4712" });
        harness.Run(1);
        harness.Log.Should().HaveCount(3).And.SatisfyRespectively(
            static first => first.Should().EndWith("fired rule 0"), static second => second.Should().EndWith("cleared rule 0"), static third => third.Should().EndWith("fired rule 0"));
    }

    [Fact]
    public void What_fired_before_a_restart_goes_on_until_the_jobs_are_known()
    {
        Job(0, Train);
        var harness = Harness(Rule).Set(Power, 600);
        harness.Run(1);
        Job(0, GpuJobs.NotYet);
        harness.Restart(TimeSpan.FromSeconds(5), Rule);
        harness.Run(3);
        Job(0, Train with { });
        harness.Run(3);
        harness.Log.Should().Equal("00:00:00.0 fired rule 0");
        harness.State().Should().Be(RuleState.Firing);
    }

    [Fact]
    public void Several_GPUs_together_count_those_of_the_job()
    {
        Job(0, Train);
        Job(1, Other);
        var harness = Harness(Rule with { AtLeastGpus = 2 }).Set(Power, 600).Set(Power, 600, gpu: 1);
        harness.Run(1);
        harness.Log.Should().BeEmpty();
        Job(1, Train);
        harness.Run(1);
        harness.Log.Should().ContainSingle().Which.Should().Contain("fired rule");
    }

    [Fact]
    public void Where_nobody_can_tell_jobs_the_rule_says_so()
    {
        var harness = new RuleHarness(Rule).Set(Power, 600);
        harness.Run(1);
        harness.Engine.Status().Should().ContainSingle().Which.Why.Should().Be("filter: the job of a GPU is not known, so none of train-* matches");
    }

    private RuleHarness Harness(RuleDefinition rule) => new(uuid => jobs.GetValueOrDefault(uuid), rule);

    private void Job(int gpu, JobReference? job) => jobs[RuleHarness.Gpu(gpu).Uuid] = job;
}
