using FluentAssertions;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using Xunit;

namespace Monitoring.Tests.Agent.Capture;

/// <summary>Every reason for which a request is not taken, with its number and the remedy.</summary>
public sealed class CapturePolicyTests : IAsyncLifetime
{
    private readonly CaptureUnderTest test = new();

    public async ValueTask InitializeAsync() => await test.StartAsync();

    public ValueTask DisposeAsync() => test.DisposeAsync();

    [Fact]
    public void A_request_that_makes_no_sense_is_invalid()
    {
        Invalid(test.Request() with { DurationSeconds = 61 }).Should().Contain("duration is 61 s, expected more than 0 and at most 60 s (capture.maximum_duration)");
        Invalid(test.Request() with { DurationSeconds = double.NaN }).Should().Contain("duration is NaN s");
        Invalid(test.Request("nsight")).Should().Contain("profiler is 'nsight', expected some of counters, nsys_system");
        Invalid(test.Request() with { Id = "../../etc" }).Should().Contain("id is '../../etc'");
        Invalid(test.Request() with { Trigger = new CaptureTrigger("whim", "bob") }).Should().Contain("trigger kind is 'whim', expected one of rule, person");
        Invalid(test.Request() with { Target = new CaptureTarget("node-2") }).Should().Contain("the target is node 'node-2', this is 'node-1'");
        Invalid(test.Request() with { StartAt = test.Time.GetUtcNow() + TimeSpan.FromHours(1) }).Should().Contain("start_at is 1h ahead, at most 10m is allowed");
        Invalid(test.Request() with { Target = new CaptureTarget("node-1", [.. Enumerable.Range(0, 65)]) }).Should().Contain("65 GPUs are named");
    }

    [Fact]
    public void A_gpu_that_is_not_there_is_named_with_those_that_are() =>
        test.Service.Request(test.Request() with { Target = new CaptureTarget("node-1", [3]) }).Words.Should().Be("refused: unknown_gpu: GPU 3 is not one of node-1, which has 0 (GPU-0), 1 (GPU-1)");

    [Fact]
    public void What_nobody_wants_any_more_is_expired()
    {
        var request = test.Request();
        test.Time.Advance(TimeSpan.FromMinutes(11));

        test.Service.Request(request).Words.Should().StartWith("refused: expired: it was wanted until ").And.EndWith(", 1m ago");
    }

    [Fact]
    public void The_queue_has_an_end()
    {
        test.Settings.QueueLength = 2;
        var answers = Enumerable.Range(0, 4).Select(_ => test.Service.Request(test.Request() with { StartAt = test.Time.GetUtcNow() + TimeSpan.FromMinutes(5) })).ToArray();

        answers.Select(static answer => answer.Refusal).Should().Equal(null, null, CaptureRefusal.QueueFull, CaptureRefusal.QueueFull);
        answers[2].Words.Should().Be("refused: queue_full: 2 captures wait already, 2 may (capture.queue_length)");
    }

    [Fact]
    public void A_rule_cools_down_for_each_gpu_by_itself_and_persons_do_not()
    {
        test.Take(test.OfRule()).Stage.Should().Be(CaptureStage.Done);

        test.Service.Request(test.OfRule()).Refusal.Should().Be(CaptureRefusal.Cooldown);
        test.Service.Request(test.OfRule("other")).IsAccepted.Should().BeTrue();
        test.Service.Request(test.OfRule(gpu: 1)).IsAccepted.Should().BeTrue();
        test.Service.Request(test.Request()).IsAccepted.Should().BeTrue();
        test.Time.Advance(TimeSpan.FromMinutes(10));
        test.Service.Request(test.OfRule()).IsAccepted.Should().BeTrue();
    }

    [Fact]
    public void An_hour_has_so_many_captures_for_rules_and_persons_come_on_top()
    {
        test.Settings.CapturesPerHour = 2;
        foreach (var rule in new[] { "a", "b" }) test.Take(test.OfRule(rule)).Stage.Should().Be(CaptureStage.Done);

        test.Service.Request(test.OfRule("c")).Words.Should().Be("refused: budget: 2 captures were taken in the last hour, 2 may (capture.captures_per_hour)");
        test.Service.Request(test.Request()).IsAccepted.Should().BeTrue();
        test.Time.Advance(TimeSpan.FromHours(1));
        test.Service.Request(test.OfRule("d")).IsAccepted.Should().BeTrue();
    }

    [Fact]
    public void A_capture_that_is_refused_after_all_costs_neither_cooldown_nor_budget()
    {
        test.Settings.CapturesPerHour = 1;
        test.Lease = new CaptureLeaseAnswer(Granted: false, CaptureRefusal.Budget, "5 of 5 captures run");
        foreach (var rule in new[] { "a", "b", "c" }) test.Take(test.OfRule(rule)).Words.Should().Be("refused: budget: 5 of 5 captures run");
        test.Lease = new CaptureLeaseAnswer(Granted: true);
        test.Time.Advance(CapturePolicy.RefusedPause);

        test.Take(test.OfRule("a")).Stage.Should().Be(CaptureStage.Done);

        test.Service.Request(test.OfRule("b")).Words.Should().Contain("1 captures were taken in the last hour");
        test.Service.Request(test.OfRule("a")).Words.Should().StartWith("refused: cooldown: a took one of GPU 0");
    }

    [Fact]
    public void The_cooldown_of_an_earlier_capture_outlives_a_refusal()
    {
        test.Take(test.OfRule()).Stage.Should().Be(CaptureStage.Done);
        test.System.Ability = new ProfilerAbility(Can: false, CaptureRefusal.PerfmonBusy, "DCGM has them");
        // On both GPUs, of which one has cooled down.
        var both = test.OfRule() with { Target = new CaptureTarget("node-1", [0, 1]), Profilers = [ProfilerNames.NsysSystem] };
        test.Take(both).Refusal.Should().Be(CaptureRefusal.PerfmonBusy);
        test.Time.Advance(CapturePolicy.RefusedPause);

        test.Service.Request(test.OfRule()).Words.Should().StartWith("refused: cooldown: straggler took one of GPU 0");
        test.Service.Request(test.OfRule(gpu: 1)).IsAccepted.Should().BeTrue();
    }

    [Fact]
    public void What_was_refused_is_not_asked_for_again_at_once()
    {
        test.Lease = new CaptureLeaseAnswer(Granted: false, CaptureRefusal.Budget, "5 of 5 captures run");
        test.Take(test.OfRule()).Refusal.Should().Be(CaptureRefusal.Budget);

        test.Service.Request(test.OfRule()).Words.Should().Match("refused: cooldown: straggler was refused one of GPU 0 *s ago, it is not asked for again within 1m");
        test.Service.Request(test.OfRule(gpu: 1)).IsAccepted.Should().BeTrue();

        test.Leases.Should().HaveCountLessThanOrEqualTo(2);
    }

    [Fact]
    public void A_job_that_uses_no_gpu_of_the_node_is_refused() =>
        test.Take(test.Request() with { Target = new CaptureTarget("node-1", Job: "4711") }).Words.Should().Be("refused: no_gpu_process: no process of job 4711 uses a GPU of node-1");

    [Fact]
    public void The_job_of_a_process_is_read_from_its_environment()
    {
        Directory.CreateDirectory(Path.Combine(test.Procfs, "77"));
        File.WriteAllText(Path.Combine(test.Procfs, "77", "environ"), "SLURM_JOB_ID=4711\0SLURM_JOB_NAME=train\0HF_TOKEN=hf_abcdefgh12345678\0NCCL_DEBUG=INFO\0");
        File.WriteAllText(Path.Combine(test.Procfs, "77", "cmdline"), "python3\0train.py\0--wandb-key\0abcdefgh12345678\0");
        test.Node.Users[1] = [77];
        var request = test.Request() with { Target = new CaptureTarget("node-1", Job: "4711") };

        test.Take(request).Stage.Should().Be(CaptureStage.Done);

        var manifest = test.Manifest(request.Id);
        manifest.Job.Should().Be(new Monitoring.Contracts.Events.JobReference("slurm", "4711", "train"));
        manifest.Gpus.Single().Index.Should().Be(1);
        manifest.Processes.Single().CommandLine.Should().Equal("python3", "train.py", "--wandb-key", Redaction.Mark);
        manifest.Processes.Single().Environment.Should().BeEquivalentTo(new Dictionary<string, string> { ["SLURM_JOB_ID"] = "4711", ["SLURM_JOB_NAME"] = "train", ["NCCL_DEBUG"] = "INFO" });
    }

    [Fact]
    public void Captures_that_are_switched_off_or_have_no_directory_say_so()
    {
        new CapturePolicy(new CaptureSettings { Enabled = false }, hasDirectory: true).Check(test.Request(), test.Time.GetUtcNow()).Should().Be(new CaptureRefused(CaptureRefusal.Disabled, "captures are switched off (capture.enabled)"));
        new CapturePolicy(new CaptureSettings(), hasDirectory: false).Check(test.Request(), test.Time.GetUtcNow())!.Words.Should().Contain("state_directory");
    }

    [Fact]
    public void Every_refusal_is_an_event_and_told_once()
    {
        var request = test.Request() with { Target = new CaptureTarget("node-1", [3]) };
        for (var i = 0; i < 3; i++) test.Service.Request(request);
        test.Until(() => test.Events(request.Id).Any());

        test.Events(request.Id).Should().Equal("refused");
        var counts = Monitoring.Agent.Journal.EventCounters.Of(test.Journal.Events[^1]).Select(static count => (count.Counter, count.Subject, count.Value));
        counts.Should().Contain(("gpu_capture_refusals_total", "person", "unknown_gpu"));
    }

    private string Invalid(CaptureRequest request)
    {
        var answer = test.Service.Request(request);
        answer.Refusal.Should().Be(CaptureRefusal.Invalid);
        return answer.Words;
    }
}
