using System.Text.Json;
using FluentAssertions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Health;
using Monitoring.Agent.Detection.Rules.Files;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;
using Monitoring.Tests.Agent.Detection.Health;
using Xunit;

namespace Monitoring.Tests.Agent.Detection;

/// <summary>What detection keeps when something goes wrong: a fault of its own, a sudden end between two writes, a storm at the end.</summary>
public sealed class DetectionFaultTests : IDisposable
{
    private const string Rules = """
        rules:
          twice:
            description: Faults of programs.
            severity: warning
            when:
              event: { kind: xid, codes: [31], count: 2, within: 10m }
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("detection-").FullName;
    private readonly ManualTimeProvider time = new();
    private readonly MemoryJournal journal = new();
    private readonly List<IDisposable> made = [];
    private SightingQueue queue = new();
    private readonly List<Exception> faults = [];
    private int keys;

    public DetectionFaultTests()
    {
        File.WriteAllText(Path.Combine(folder, "rules.yaml"), Rules);
        time.Advance(TimeSpan.FromHours(1));
    }

    private IEnumerable<EventRecord> Findings => journal.Events.Where(static record => record.Kind == EventKinds.Anomaly);

    public void Dispose()
    {
        foreach (var item in made) item.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void What_rules_had_counted_before_a_sudden_end_still_counts()
    {
        See(Create(), 31);
        Findings.Should().BeEmpty();
        ForgetState();

        See(Create(), 31);

        Findings.Should().ContainSingle().Which.Rule.Should().Be("twice");
    }

    [Fact]
    public void A_finding_that_a_sudden_end_kept_from_the_disk_is_made_up_for_once()
    {
        See(Create(), 31, 31);
        var finding = Findings.Single();
        journal.Events.Remove(finding);
        ForgetState();

        Step(Create());
        ForgetState();
        Step(Create());

        Findings.Should().ContainSingle().Which.Should().BeEquivalentTo(new { finding.Id, finding.Time });
        faults.Should().BeEmpty();
    }

    [Fact]
    public void Events_that_the_kept_state_knows_are_not_counted_again()
    {
        var loop = Create();
        See(loop, 31);
        time.Advance(TimeSpan.FromMinutes(2));
        loop.Step();
        journal.StatesKept.Should().BePositive();

        Step(Create());

        Findings.Should().BeEmpty();
    }

    [Fact]
    public void Events_that_no_source_saw_count_after_a_restart_as_little_as_before()
    {
        File.WriteAllText(Path.Combine(folder, "rules.yaml"), "rules:\n  own: { when: { any: [{ event: { kind: agent, within: 1h } }, { event: { kind: gap, within: 1h } }] } }\n  silent: { when: { absent: { after: 10s } } }\n");
        foreach (var (kind, source) in new[] { (EventKinds.Capture, "capture"), (EventKinds.Agent, "person"), (EventKinds.Gap, "journal") })
            journal.Append(new EventRecord { Id = Monitoring.Contracts.Events.EventId.Of(kind), Time = time.GetUtcNow(), Node = "node-1", Kind = kind, Gpu = new GpuReference(0, "GPU-aaaa"), Title = kind, Evidence = new EventEvidence { Sources = [source] } });

        var loop = Create();
        Step(loop);

        Findings.Should().BeEmpty();
        loop.Rules.Status().Select(static status => status.Gpu).Should().OnlyContain(static gpu => gpu == null, "such an event makes no GPU known");
    }

    [Fact]
    public void An_event_that_brings_about_a_fault_costs_neither_itself_nor_the_others()
    {
        var loop = Create(new Verdicts(static record => record.Code == 13 ? throw new InvalidOperationException("a fault") : null));

        See(loop, 13, 31, 31);
        loop.Step();

        journal.Events.Where(static record => record.Kind == EventKinds.Xid).Select(static record => record.Code).Should().Equal(13, 31, 31);
        Findings.Should().ContainSingle();
        loop.Faults.Should().Be(1);
        loop.Rounds.Should().Be(2);
    }

    [Fact]
    public void A_storm_is_summed_up_when_the_agent_ends()
    {
        var loop = Create();
        for (var number = 0; number < 100; number++) queue.Put(Xid(79));
        loop.Start();
        queue.Close();
        loop.Stop();

        journal.Events.Where(static record => record.Kind == EventKinds.Xid).Sum(SightingMerger.IncidentsOf).Should().Be(100);
    }

    [Fact]
    public void A_round_without_news_allocates_next_to_nothing()
    {
        var loop = Create();
        for (var round = 0; round < 50; round++) loop.Step();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 100; round++) loop.Step();

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(100 * 1024, "the state of health gets the time of each round");
    }

    /// <summary>The end came before the state of the rules was kept.</summary>
    private void ForgetState() => journal.AppendState("rules", JsonDocument.Parse("{}").RootElement);

    private DetectionLoop Create(IEventVerdicts? verdicts = null)
    {
        queue = new SightingQueue();
        var identity = new NodeIdentity("test", "node-1", "boot-1");
        var readings = new NodeReadings();
        var node = new NodeSampler("test", "node-1", new DeviceSettings(), new SamplingSettings(), time, NullLogger<NodeSampler>.Instance);
        var gpus = new GpuDirectory();
        var watcher = new RuleWatcher(new DetectionSettings { RulesDirectory = folder, ShippedRules = false }, time, NullLogger<RuleWatcher>.Instance);
        made.Add(watcher);
        watcher.IsRight.Should().BeTrue();
        var health = new HealthEvaluator(identity, verdicts ?? new Verdicts(static _ => null), journal, time, NullLogger<HealthEvaluator>.Instance);
        var loop = new DetectionLoop(new DetectionParts(identity, queue, gpus, new SightingMerger(identity, gpus), watcher, new LoopUnderTest.FakeCaptures()), node, readings, journal, health, time, new Faults(faults));
        time.Advance(TimeSpan.FromSeconds(5)); // longer than anything waits for a driver
        return loop;
    }

    private void See(DetectionLoop loop, params int[] codes)
    {
        foreach (var code in codes) queue.Put(Xid(code));
        Step(loop);
    }

    private void Step(DetectionLoop loop)
    {
        time.Advance(DetectionLoop.Interval);
        loop.Step();
    }

    private Sighting Xid(int code) => new()
    {
        Source = "kmsg", Key = $"{++keys}", Time = time.GetUtcNow(), Kind = EventKinds.Xid, Code = code, Severity = EventSeverity.Warning,
        Gpu = new GpuReference(0, "GPU-aaaa", "111", "00000000:18:00.0"), Title = $"XID {code}",
    };

    private sealed class Verdicts(Func<EventRecord, HealthVerdict?> judge) : IEventVerdicts
    {
        public HealthVerdict? Judge(EventRecord record) => judge(record);
    }

    private sealed class Faults(List<Exception> faults) : ILogger<DetectionLoop>
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (exception is not null) faults.Add(exception);
        }
    }
}
