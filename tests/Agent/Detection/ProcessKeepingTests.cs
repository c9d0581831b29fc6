using System.Text.Json;
using FluentAssertions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.KernelLog;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;
using Monitoring.Tests.Agent.Detection.Health;
using Monitoring.Tests.Agent.Detection.KernelLog;
using Xunit;

namespace Monitoring.Tests.Agent.Detection;

[Collection(SimulatedDriverTests.Name)]
public sealed class ProcessKeepingTests
{
    private const string Killed = "Out of memory: Killed process 4242 (python3) total-vm:8kB, anon-rss:7kB";
    private const string Never = "never: { when: { threshold: { metric: gpu_recovery_action, is: \"> 99\" } } }";
    private const string StateName = "gpu_processes";
    private static readonly GpuReference Gpu0 = new(0, "GPU-0", "1650", "00000000:17:00.0");
    private static readonly GpuReference Gpu1 = new(1, "GPU-1", "1651", "00000000:91:00.0");

    private readonly ManualTimeProvider time = new();
    private readonly MemoryJournal journal = new();

    [Fact]
    public void A_process_that_the_kernel_killed_while_the_agent_was_away_still_finds_its_GPU()
    {
        using var test = new LoopUnderTest(Never);
        test.Driver.Node.Gpus[0].SetProcess(4242, 1 << 30, "python3");
        test.Read(4);
        Pass(test, ProcessKeeping.LookInterval);
        test.Driver.Node.Gpus[0].EndProcess(4242);

        test.Restart();

        var sighting = KernelLines.Read(Killed, LineContext.None with { GpuOfProcess = test.Loop.GpuBefore })!;
        sighting.Kind.Should().Be(EventKinds.OomKill);
        sighting.Gpu!.Uuid.Should().Be(test.Driver.Node.Gpus[0].Uuid);
        KernelLines.Read(Killed.Replace("4242", "4243", StringComparison.Ordinal), LineContext.None with { GpuOfProcess = test.Loop.GpuBefore }).Should().BeNull();
    }

    [Fact]
    public void What_was_kept_counts_until_the_processes_were_read_and_for_as_long_as_one_that_is_gone()
    {
        var before = Start();
        before.Note(Gpu0, [4242]);
        before.Keep();
        var next = Start();
        time.Advance(TimeSpan.FromHours(1));
        next.GpuBefore(4242).Should().Be(Gpu0, "a driver that hangs names no process");

        next.Note(Gpu0, []);
        time.Advance(ProcessTrail.Lasts);
        next.GpuBefore(4242).Should().Be(Gpu0);
        time.Advance(TimeSpan.FromSeconds(1));
        next.GpuBefore(4242).Should().BeNull("the pid may be another's by now");
    }

    [Fact]
    public void Of_several_GPUs_of_a_process_the_first_counts()
    {
        var before = Start();
        before.Note(Gpu1, [7, 5]);
        before.Note(Gpu0, [7]);
        before.Keep();
        var next = Start();
        next.GpuBefore(7).Should().Be(Gpu0);
        next.GpuBefore(5).Should().Be(Gpu1);
        next.GpuBefore(6).Should().BeNull();
    }

    [Fact]
    public void Only_what_changed_is_written()
    {
        var keeping = Start();
        keeping.Note(Gpu0, []);
        keeping.Keep();
        journal.StatesKept.Should().Be(0, "no process was ever there");
        for (var round = 0; round < 3; round++)
        {
            keeping.Note(Gpu0, round == 1 ? [4, 3] : [3, 4]);
            keeping.Keep();
        }
        journal.StatesKept.Should().Be(1);
        keeping.Note(Gpu0, [3]);
        keeping.Keep();
        journal.StatesKept.Should().Be(2);
    }

    [Fact]
    public void It_is_written_at_most_every_ten_seconds_and_at_the_end()
    {
        using var test = new LoopUnderTest(Never);
        for (var second = 0; second < 30; second++)
        {
            test.Driver.Node.Gpus[0].SetProcess(5000 + (uint)second, 1 << 20, "python3");
            test.Read(2);
            Pass(test, TimeSpan.FromSeconds(1));
        }
        Kept(test.Journal).Should().NotContain(5029);
        test.Loop.Start();
        test.Loop.Stop();
        Kept(test.Journal).Should().Contain(5029);
    }

    [Fact]
    public void A_GPU_that_is_not_read_yet_keeps_what_was_kept_of_it()
    {
        var before = Start();
        before.Note(Gpu0, [1]);
        before.Note(Gpu1, [2]);
        before.Keep();
        var next = Start();
        next.Note(Gpu0, [3]);
        next.Keep();
        Start().GpuBefore(2).Should().Be(Gpu1);
        Start().GpuBefore(1).Should().BeNull();
    }

    [Fact]
    public void What_is_kept_is_bounded()
    {
        var keeping = Start();
        for (var gpu = 0; gpu < 100; gpu++)
            keeping.Note(new GpuReference(gpu, $"GPU-{gpu}"), [.. Enumerable.Range(1_000_000 + gpu * 1000, ProcessTrail.Most).Select(static pid => (long)pid)]);
        keeping.Keep();
        journal.State(StateName)!.Value.GetRawText().Length.Should().BeLessThan(10_000);
    }

    [Theory]
    [InlineData("boot-2")]
    [InlineData("")]
    public void Another_boot_knows_none_of_them(string bootId)
    {
        var before = Start(bootId.Length == 0 ? "" : "boot-1");
        before.Note(Gpu0, [4242]);
        before.Keep();
        Start(bootId).GpuBefore(4242).Should().BeNull();
    }

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"boot_id": "boot-1"}""")]
    [InlineData("""{"boot_id": "boot-1", "gpus": [null, {}, {"gpu": null, "pids": [1]}, {"gpu": {"uuid": null}, "pids": [1]}, {"gpu": {"uuid": "GPU-0"}, "pids": null}]}""")]
    [InlineData("""{"boot_id": "boot-1", "gpus": [{"gpu": {"uuid": "GPU-0"}, "pids": ["x"]}]}""")]
    public void What_cannot_be_read_is_as_nothing(string kept)
    {
        journal.AppendState(StateName, JsonDocument.Parse(kept).RootElement);
        Start().GpuBefore(1).Should().BeNull();
    }

    private static long[] Kept(MemoryJournal journal) =>
        [.. journal.State(StateName)!.Value.GetProperty("gpus")[0].GetProperty("pids").EnumerateArray().Select(static pid => pid.GetInt64())];

    private static void Pass(LoopUnderTest test, TimeSpan span)
    {
        for (var second = 0; second < span.TotalSeconds; second++)
        {
            test.Time.Advance(TimeSpan.FromSeconds(1));
            test.Loop.Step();
        }
    }

    private ProcessKeeping Start(string bootId = "boot-1")
    {
        var keeping = new ProcessKeeping(journal, bootId, time);
        keeping.Restore();
        return keeping;
    }
}
