using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Health;
using Monitoring.Agent.Detection.KernelLog;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Journal;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;
using Monitoring.Simulator;
using Monitoring.Tests.Agent.Detection.Sources;
using Monitoring.Tests.Agent.Journal;
using Xunit;

namespace Monitoring.Tests.Agent.Detection;

[Collection(SimulatedDriverTests.Name)]
public sealed class DetectionLoopTests
{
    private const string Asks = "asks: { when: { threshold: { metric: 'gpu_recovery_action{action=\"gpu_reset\"}', is: \">= 1\" } }, clear_for: 0s }";
    private const string AsksForLong = "asks: { when: { threshold: { metric: 'gpu_recovery_action{action=\"gpu_reset\"}', is: \">= 1\" } }, for: 300ms, clear_for: 0s }";

    [Fact]
    public void Every_reading_reaches_the_rules_also_those_between_two_rounds()
    {
        using var test = new LoopUnderTest(AsksForLong);
        test.Loop.Step();
        test.Driver.Node.Gpus[0].RecoveryAction = 1;
        test.Read(4);
        test.Driver.Node.Gpus[0].RecoveryAction = 0;
        test.Read(2);
        var now = test.Time.GetUtcNow();

        test.Loop.Step();

        test.Findings.Should().Equal("started", "ended");
        test.Journal.Events.Select(static record => record.Time).Should().Equal([now - 2 * LoopUnderTest.ReadingInterval, now - LoopUnderTest.ReadingInterval], "a finding is of the reading that made it");
        test.Loop.Step();
        test.Findings.Should().HaveCount(2, "no reading is looked at twice");
        test.Loop.FramesMissed.Should().Be(0);
    }

    [Fact]
    public async Task A_person_who_clears_what_fell_takes_the_present_for_right()
    {
        using var test = new LoopUnderTest("fell: { component: driver, when: { fallen: { metric: 'gpu_recovery_action{action=\"none\"}' } }, health: { state: unhealthy, cleared_by: reset } }");
        test.Loop.Step();
        test.Read(2);
        test.Loop.Step();
        test.Driver.Node.Gpus[0].RecoveryAction = 1;
        test.Read(4);
        test.Loop.Step();
        test.Findings.Should().Equal("started");
        test.Health.Current.State.Should().Be(HealthState.Unhealthy);

        var outcome = test.Health.Clearances.Ask(new ClearRequest("0", "driver", "alice", "it stays so"))!;
        test.Loop.Step();
        (await outcome).Kept.Should().ContainSingle().Which.Cause.Should().Be("rule:fell");
        test.Read(4);
        test.Loop.Step();

        test.Findings.Should().Equal("started", "ended");
        test.Health.Current.State.Should().Be(HealthState.Healthy);
        test.Read(4);
        test.Loop.Step();
        test.Findings.Should().HaveCount(2);
    }

    [Fact]
    public void A_finding_is_in_the_journal_after_the_round_that_follows_the_reading()
    {
        using var test = new LoopUnderTest(Asks);
        for (var times = 0; times < 50; times++)
        {
            test.Driver.Node.Gpus[0].RecoveryAction = times % 2 == 0 ? 1u : 0;
            test.Read();
            test.Loop.Step();
            // Twenty findings an hour are the limit of a rule; the others are counted.
            if (times < 20) test.Findings.Should().HaveCount(times + 1);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(25)]
    [InlineData(49)]
    public void The_reading_that_crosses_is_an_event_in_the_journal_within_two_intervals_of_the_loop(int millisecondsBeforeTheRound)
    {
        using var test = new LoopUnderTest(Asks);
        test.Loop.Step();
        test.Read();
        test.Loop.Step();
        test.Driver.Node.Gpus[0].RecoveryAction = 1;
        test.Read();
        var crossed = test.Time.GetUtcNow();

        test.Time.Advance(TimeSpan.FromMilliseconds(millisecondsBeforeTheRound));
        test.Loop.Step();

        test.Findings.Should().Equal("started");
        test.Journal.Events[0].Time.Should().Be(crossed, "it is the event of that reading");
        (test.Time.GetUtcNow() + DetectionLoop.Interval - crossed).Should().BeLessThanOrEqualTo(2 * DetectionLoop.Interval, "a round may be late by one");
    }

    [Fact]
    public void From_the_reading_that_crosses_to_the_event_on_the_disk_the_agent_waits_for_less_than_200_ms()
    {
        FaultyLog? log = null;
        var clock = new ManualTimeProvider();
        // The writer of the journal looks at nothing by itself: only an event that is appended makes it write.
        using var journal = new EventJournal(calls => log = new FaultyLog(calls), JournalDirectory.Node, isShipped: true, clock, NullLogger<EventJournal>.Instance) { LookInterval = TimeSpan.FromHours(1) };
        using var test = new LoopUnderTest(Asks, journal: journal);
        journal.Start();
        test.Loop.Step();
        test.Driver.Node.Gpus[0].RecoveryAction = 1;
        // At 10 Hz what happens just after a reading waits for the next one.
        test.Read();
        var crossed = test.Time.GetUtcNow();
        test.Time.Advance(2 * DetectionLoop.Interval);
        test.Loop.Step();

        Eventually.Holds("the event is on the disk, and no time went by for it", () => journal.Waiting == 1);
        log!.Records.Count(static record => record.Type == (byte)JournalRecordType.Event).Should().Be(1);
        (test.Time.GetUtcNow() - crossed).Should().BeLessThanOrEqualTo(TimeSpan.FromMilliseconds(100), "half of what was promised is left for the disk");
    }

    [Fact]
    public void A_round_in_which_nothing_happens_allocates_nothing_but_what_the_node_is_asked_for_once_a_second()
    {
        using var test = new LoopUnderTest(Asks);
        for (var round = 0; round < 100; round++) Round();

        var perRound = Enumerable.Range(0, 100).Select(_ => Round()).ToArray();

        perRound.Count(static bytes => bytes > 0).Should().BeLessThanOrEqualTo(10, "ten seconds go by");
        perRound.Should().OnlyContain(static bytes => bytes <= 256);

        long Round()
        {
            test.Read();
            var before = GC.GetAllocatedBytesForCurrentThread();
            test.Loop.Step();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Readings_that_were_overwritten_are_counted()
    {
        using var test = new LoopUnderTest(Asks);
        test.Loop.Step();
        test.Read(FrameRing.DefaultCapacity + 9);
        test.Loop.Step();

        test.Loop.FramesMissed.Should().Be(10, "the place of the oldest is the one that is written next");
    }

    [Fact]
    public void A_change_of_the_series_loses_no_reading()
    {
        using var test = new LoopUnderTest(AsksForLong, "h100-mig");
        test.Loop.Step();
        var before = test.Sampler.Sets[0];
        test.Driver.Node.Gpus[0].RecoveryAction = 1;
        test.Read(3);
        test.Driver.Node.Gpus[0].Write(static (ref state) => state.MigModeCurrent = 0);
        test.Read(2);
        test.Sampler.Sets[0].Should().NotBeSameAs(before);

        test.Loop.Step();

        test.Findings.Should().Equal("started");
        test.Journal.Events[0].Time.Should().Be(test.Time.GetUtcNow() - LoopUnderTest.ReadingInterval, "the three before count");
        test.Loop.FramesMissed.Should().Be(0);
    }

    [Fact]
    public void A_changed_rule_file_is_taken_up()
    {
        using var test = new LoopUnderTest(Asks);
        test.Driver.Node.Gpus[0].RecoveryAction = 1;
        test.Read();
        test.Loop.Step();
        test.Write("idle: { when: { threshold: { metric: 'gpu_recovery_action{action=\"gpu_reset\"}', is: \">= 1\" } } }");
        test.Time.Advance(3 * Monitoring.Agent.Detection.Rules.Files.RuleWatcher.Interval);
        test.Read();

        test.Loop.Step();

        test.Journal.Events.Select(static record => (record.Rule, record.Phase)).Should().Equal(("asks", EventPhase.Started), ("asks", EventPhase.Ended), ("idle", EventPhase.Started));
        test.Loop.Rules.Status().Should().ContainSingle().Which.Should().Match<RuleStatus>(static status => status.Rule == "idle" && status.State == RuleState.Firing);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_restart_makes_no_second_finding_and_knows_what_it_ends(bool keepsStates)
    {
        using var test = new LoopUnderTest(Asks);
        test.Journal.KeepsStates = keepsStates;
        test.Driver.Node.Gpus[0].RecoveryAction = 1;
        test.Read();
        test.Loop.Step();
        test.Restart();
        // The readings of before are gone, as they are with the process.
        test.Read(FrameRing.DefaultCapacity);
        test.Loop.Step();
        test.Findings.Should().Equal("started");

        test.Driver.Node.Gpus[0].RecoveryAction = 0;
        test.Read();
        test.Loop.Step();

        test.Findings.Should().Equal("started", "ended");
        test.Journal.Events[1].Incident.Should().Be(test.Journal.Events[0].Id);
    }

    [Fact]
    public void A_counter_that_grew_between_two_lives_of_the_agent_fires()
    {
        using var test = new LoopUnderTest("ecc: { when: { increase: { metric: 'gpu_ecc_errors_total{type=\"uncorrectable\"}', over: 15m, is: \"> 0\" } } }");
        test.Loop.Step();
        test.Read(3);
        test.Time.Advance(TimeSpan.FromMinutes(1));
        test.Read(3);
        test.Loop.Step();
        test.Restart();
        test.Driver.Node.Gpus[0].AddEccErrors(EccError.Uncorrected, EccLocation.Dram, 1);
        // The readings of before are gone, as they are with the process.
        test.Read(FrameRing.DefaultCapacity);
        test.Loop.Step();

        test.Findings.Should().Equal("started");
        test.Journal.Events[0].Title.Should().Contain("grew by 1 in 15m");
    }

    [Fact]
    public void A_rule_for_a_model_gets_the_event_of_before_the_restart_with_the_first_reading()
    {
        using var test = new LoopUnderTest("xids: { filter: { models: [\"*H100*\"] }, when: { event: { kind: xid, within: 10m } } }");
        test.Journal.Append(new EventRecord
        {
            Id = Monitoring.Contracts.Events.EventId.Of("xid"), Time = test.Time.GetUtcNow(), Node = "node-1", Kind = EventKinds.Xid, Code = 31, Gpu = new GpuReference(0), Severity = EventSeverity.Warning, Title = "XID 31",
        });
        test.Restart();
        test.Read();
        test.Loop.Step();

        test.Findings.Should().Equal("started");
    }

    [Fact]
    public void A_step_of_the_wall_clock_fires_and_clears_nothing()
    {
        using var test = new LoopUnderTest(AsksForLong);
        test.Driver.Node.Gpus[0].RecoveryAction = 1;
        test.Read(2);
        test.Loop.Step();
        foreach (var step in (double[])[1, -1, -1])
        {
            test.Time.WallClockOffset += TimeSpan.FromHours(step);
            test.Loop.Step();
            test.Findings.Should().BeEmpty("300 ms have not passed");
        }
        test.Read(2);
        test.Loop.Step();
        test.Findings.Should().Equal("started");
        foreach (var step in (double[])[1, 1, -1])
        {
            test.Time.WallClockOffset += TimeSpan.FromHours(step);
            test.Read();
            test.Loop.Step();
        }
        test.Findings.Should().Equal("started");
        test.Journal.Events.Select(static record => record.Id).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void What_becomes_of_a_capture_stands_in_the_event()
    {
        using var test = new LoopUnderTest("asks: { when: { threshold: { metric: 'gpu_recovery_action{action=\"gpu_reset\"}', is: \">= 1\" } }, actions: [event, capture] }");
        test.Driver.Node.Gpus[0].RecoveryAction = 1;
        test.Read();
        test.Loop.Step();

        test.Captures.Asked.Should().ContainSingle().Which.Rule.Name.Should().Be("asks");
        test.Journal.Events.Should().ContainSingle().Which.Capture.Should().Be("taken: number 1");
    }

    [Fact]
    public void The_nodes_metrics_are_looked_at_every_second()
    {
        using var test = new LoopUnderTest("few: { when: { threshold: { metric: gpu_devices, is: \"< 8\" } } }");
        var devices = 8.0;
        test.Readings.Add(MetricTable.Devices, () => devices);
        test.Loop.Step();
        devices = 7;
        test.Time.Advance(TimeSpan.FromSeconds(0.9));
        test.Loop.Step();
        test.Findings.Should().BeEmpty();
        test.Time.Advance(TimeSpan.FromSeconds(0.1));
        test.Loop.Step();

        test.Findings.Should().Equal("started");
        test.Journal.Events[0].Gpu.Should().BeNull();
    }

    [Fact]
    public void A_fault_costs_one_round()
    {
        using var test = new LoopUnderTest("few: { when: { threshold: { metric: gpu_devices, is: \"< 8\" } } }");
        var readings = 0;
        test.Readings.Add(MetricTable.Devices, () => readings++ == 0 ? throw new InvalidOperationException("a fault of a stage") : 7);
        test.Loop.Start();
        Eventually.Holds("the fault is counted", () => test.Loop.Faults == 1);
        test.Time.Advance(TimeSpan.FromSeconds(1));

        Eventually.Holds("the rule fires", () => test.Journal.Order.Count > 0);
        test.Loop.Stop();
        test.Loop.Faults.Should().Be(1);
        test.Findings.Should().Equal("started");
    }

    [Fact]
    public void A_person_who_clears_the_bus_of_the_node_lowers_the_number_of_gpus_that_are_expected()
    {
        using var tree = new FileTree();
        foreach (var address in (string[])["0000:1b:00.0", "0000:c3:00.0"])
        {
            tree.Write($"bus/pci/devices/{address}/vendor", "0x10de");
            tree.Write($"bus/pci/devices/{address}/class", "0x030200");
        }
        using var test = new LoopUnderTest(Asks, sysfs: tree.Root);
        test.DevicesExpected.Should().Be(2);
        tree.Delete("bus/pci/devices/0000:c3:00.0");

        Eventually.Holds("one is expected, once the bus was looked at again", () =>
        {
            _ = test.Health.Clearances.Ask(new ClearRequest("node", Components.Pcie, "alice", "GPU 1 was taken out"));
            test.Loop.Step();
            return test.DevicesExpected == 1;
        });
    }

    [Fact]
    public void A_driver_that_the_kernel_says_is_loaded_clears_what_fabric_manager_said_before()
    {
        using var test = new LoopUnderTest(Asks);
        test.Queue.Put(new Sighting { Source = "fabric_manager", Key = "1", Time = test.Time.GetUtcNow(), Kind = EventKinds.Fabric, Severity = EventSeverity.Critical, Title = "The fabric is lost" });
        test.Loop.Step();
        test.Health.Current.State.Should().Be(HealthState.Unhealthy);

        test.Time.Advance(TimeSpan.FromMinutes(5));
        const string loading = "NVRM: loading NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build  (dvs-builder@U22-I3-B17-02-5)";
        test.Queue.Put(LineDetectors.Read(new KernelLine("kmsg", "2", test.Time.GetUtcNow(), loading), LineContext.None)!);
        test.Loop.Step();
        test.Health.Current.State.Should().Be(HealthState.Healthy);
        test.Journal.Events[^1].Title.Should().Be("The driver 580.95.05 was loaded");
    }
}
