using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Health;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Detection.Rules.Files;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;
using Monitoring.Tests.Agent.Detection.Health;

namespace Monitoring.Tests.Agent.Detection;

/// <summary>
/// Detection over the simulated driver, turned by hand: the GPU's lane opens it and then sleeps for an hour, so that a test takes every
/// reading after the first itself, and each round of the loop.
/// </summary>
internal sealed class LoopUnderTest : IDisposable
{
    internal static readonly TimeSpan ReadingInterval = TimeSpan.FromMilliseconds(100);
    private static readonly NodeIdentity Identity = new("test", "node-1", "boot-1");

    private readonly string rules = Directory.CreateTempSubdirectory("rules-").FullName;
    private readonly NodeSampler node;
    private readonly RuleWatcher watcher;
    private readonly IEventJournal journal;

    /// <param name="rule">The one rule: a file's entry below <c>rules:</c>.</param>
    /// <param name="profile">The simulated GPU.</param>
    /// <param name="sysfs">Where the PCI bus is.</param>
    /// <param name="journal">The journal; null for <see cref="Journal"/>.</param>
    internal LoopUnderTest(string rule, string profile = "h100", string sysfs = "/nowhere", IEventJournal? journal = null)
    {
        this.journal = journal ?? Journal;
        Driver = new SimulatedDriver(profile, 1, new SamplingSettings
        {
            FastInterval = TimeSpan.FromHours(1),
            MediumInterval = TimeSpan.FromMilliseconds(200),
            SlowInterval = TimeSpan.FromMilliseconds(200),
            FlightRecorder = TimeSpan.FromHours(2),
        });
        Write(rule);
        node = new NodeSampler("test", "node-1", new DeviceSettings { NvmlLibrary = Driver.Node.LibraryPath, Sysfs = sysfs }, Driver.Settings, Time, NullLogger<NodeSampler>.Instance);
        node.Start();
        Eventually.Holds("the GPU is read", () => node.Lanes is [{ Ticks: > 0, Sampler: not null }]);
        watcher = new RuleWatcher(new DetectionSettings { RulesDirectory = rules, ShippedRules = false }, Time, NullLogger<RuleWatcher>.Instance);
        Loop = Create();
    }

    internal SimulatedDriver Driver { get; }

    internal ManualTimeProvider Time => Driver.Time;

    internal MemoryJournal Journal { get; } = new();

    internal SightingQueue Queue { get; } = new();

    internal NodeReadings Readings { get; } = new();

    internal FakeCaptures Captures { get; } = new();

    internal DetectionLoop Loop { get; private set; }

    internal HealthEvaluator Health { get; private set; } = null!;

    internal double DevicesExpected => node.DevicesExpected;

    internal GpuSampler Sampler => node.Lanes[0].Sampler!;

    /// <summary>Findings of rules in short: <c>started</c>, <c>ended</c>.</summary>
    internal IEnumerable<string> Findings => Journal.Events.Where(static record => record.Kind == EventKinds.Anomaly).Select(static record => record.Phase.ToString().ToLowerInvariant());

    /// <summary>Writes the rule file.</summary>
    internal void Write(string rule) => File.WriteAllText(Path.Combine(rules, "10-test.yaml"), $"rules:\n  {rule}\n");

    /// <summary>Takes readings, each a tenth of a second after the one before.</summary>
    internal void Read(int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            Time.Advance(ReadingInterval);
            Sampler.Tick();
        }
    }

    /// <summary>The agent died and was started again: what was in memory is gone.</summary>
    internal void Restart() => Loop = Create();

    public void Dispose()
    {
        node.Stop();
        watcher.Dispose();
        Driver.Dispose();
        Directory.Delete(rules, recursive: true);
    }

    private DetectionLoop Create()
    {
        var gpus = new GpuDirectory();
        Health = new HealthEvaluator(Identity, new EventVerdicts(static _ => null), journal, Time, NullLogger<HealthEvaluator>.Instance);
        return new DetectionLoop(new DetectionParts(Identity, Queue, gpus, new SightingMerger(Identity, gpus), watcher, Captures), node, Readings, journal, Health, Time, NullLogger<DetectionLoop>.Instance);
    }

    /// <summary>Says what it was asked for.</summary>
    internal sealed class FakeCaptures : ICaptures
    {
        internal List<RuleChange> Asked { get; } = [];

        public string Request(RuleChange change)
        {
            Asked.Add(change);
            return $"taken: number {Asked.Count}";
        }
    }
}
