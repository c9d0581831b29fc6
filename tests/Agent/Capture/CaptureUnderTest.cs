using System.Text.Json;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Capture.Counters;
using Monitoring.Agent.Capture.Dcgm;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.KernelLog;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using Monitoring.Contracts.Events;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Tests.Agent.Capture;

/// <summary>The capture service on a disk of its own, with profilers that a test plays and a clock that it moves.</summary>
internal sealed class CaptureUnderTest : IAsyncDisposable, ICaptureListener, ICaptureLeases
{
    internal static readonly NodeIdentity Identity = new("test", "node-1", "boot-1");
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    private readonly string folder = Directory.CreateTempSubdirectory("captures-").FullName;
    private readonly List<CaptureProgress> told = [];
    private CaptureService? service;
    private int numbers;

    internal CaptureUnderTest(string? root = null, ListedJournal? journal = null, ManualTimeProvider? time = null)
    {
        Root = root ?? Path.Combine(folder, "captures");
        Journal = journal ?? new ListedJournal();
        Time = time ?? new ManualTimeProvider();
        Node = new FakeNode(Time);
        Session = new FakeProfiler(ProfilerNames.NsysSession, Time) { Ability = new ProfilerAbility(Can: false, CaptureRefusal.SessionNotReachable, "no session") };
        Kineto = new FakeProfiler(ProfilerNames.Kineto, Time) { Ability = new ProfilerAbility(Can: false, CaptureRefusal.UnsafePytorch, "torch 2.6") };
        System = new FakeProfiler(ProfilerNames.NsysSystem, Time);
        Settings.FreeSpaceFloorBytes = 0;
    }

    internal string Root { get; }

    internal ManualTimeProvider Time { get; }

    internal ListedJournal Journal { get; }

    internal FakeNode Node { get; }

    internal CaptureSettings Settings { get; } = new();

    internal FakeProfiler Session { get; }

    internal FakeProfiler Kineto { get; }

    internal FakeProfiler System { get; }

    /// <summary>Profilers besides those.</summary>
    internal IReadOnlyList<IProfiler> Others { get; set; } = [];

    internal bool IsShipped { get; set; }

    internal long? FreeBytes { get; set; } = 1L << 40;

    internal string Procfs => Path.Combine(folder, "proc");

    internal RecentLines KernelLines { get; } = new();

    /// <summary>Called after each step on the disk.</summary>
    internal Action? Stepped { get; set; }

    internal CaptureLeaseAnswer? Lease { get; set; } = new(Granted: true);

    internal List<CaptureLeaseRequest> Leases { get; } = [];

    internal CaptureService Service => service!;

    internal CaptureBook Book { get; private set; } = null!;

    internal IReadOnlyList<CaptureProgress> Told
    {
        get
        {
            lock (told) return [.. told];
        }
    }

    internal async Task StartAsync()
    {
        var disk = new CaptureDisk(Root, _ => FreeBytes) { Stepped = () => Stepped?.Invoke() };
        Book = new CaptureBook(disk, Identity, Journal, [this], Time, NullLogger<CaptureBook>.Instance);
        IReadOnlyList<IProfiler> profilers = [new CountersProfiler(Node, Settings, Time), Session, Kineto, System, .. Others];
        var finder = new ScopeFinder(Node, Identity.Node, Procfs);
        var pause = new ProfilingPause(null, Procfs, disk, Time, NullLogger<ProfilingPause>.Instance);
        var recorder = new CaptureRecorder(profilers, finder, new RecordingWatch(Node, disk, Settings, Time), pause, disk, Time, NullLogger<CaptureRecorder>.Instance);
        var writer = new BundleWriter(profilers, Node, disk, Settings, () => KernelLines, Journal, new BundleAuthor(Identity, "0.1", "6.1"), Time, NullLogger<BundleWriter>.Instance);
        var room = new BundleRoom(Book, disk, Settings, NullLogger<BundleRoom>.Instance);
        service = new CaptureService(new CaptureParts(Settings, Identity, disk, Book, room, finder, recorder, writer, pause, profilers, this, Journal, IsShipped), Time, NullLogger<CaptureService>.Instance);
        await service.StartAsync(CancellationToken.None);
    }

    internal async Task StopAsync()
    {
        var stopped = service!.StopAsync(CancellationToken.None);
        Until(() => stopped.IsCompleted);
        await stopped;
        service.Dispose();
        service = null;
    }

    /// <summary>A request of a person, with an id of its own.</summary>
    internal CaptureRequest Request(params string[] profilers) => new()
    {
        Id = EventId.Of("test", (numbers++).ToString(global::System.Globalization.CultureInfo.InvariantCulture)),
        Trigger = new CaptureTrigger(TriggerKinds.Person, "alice", "slow"),
        Target = new CaptureTarget(Identity.Node, [0]),
        Profilers = profilers,
        DurationSeconds = 2,
        RequestedAt = Time.GetUtcNow(),
        ExpiresAt = Time.GetUtcNow() + TimeSpan.FromMinutes(10),
    };

    /// <summary>The same of a rule.</summary>
    internal CaptureRequest OfRule(string rule = "straggler", int gpu = 0) => Request() with { Trigger = new CaptureTrigger(TriggerKinds.Rule, rule, "1.2 GHz"), Target = new CaptureTarget(Identity.Node, [gpu]) };

    /// <summary>How long something may take to come about before the clock is moved on by a step.</summary>
    internal TimeSpan RealTimeOfStep { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Moves the clock on until something holds.</summary>
    internal void Until(Func<bool> holds)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!SpinWait.SpinUntil(holds, RealTimeOfStep))
        {
            TimeProvider.System.GetElapsedTime(began).Should().BeLessThan(Eventually.Patience, string.Join("; ", Told.TakeLast(5).Select(static one => one.Words)));
            // What the last step woke has had its turn by then: on a loaded machine the clock must not run away from those who live by it.
            Task.Run(static () => { }).Wait();
            Time.Advance(Step);
        }
    }

    /// <summary>Asks, and waits until it is over.</summary>
    internal CaptureProgress Take(CaptureRequest request)
    {
        Service.Request(request);
        return End(request.Id);
    }

    /// <summary>Waits until a capture is over and was told of.</summary>
    internal CaptureProgress End(string id)
    {
        Until(() => Service.Progress(id) is { IsOver: true } && Stages(id) is [.., { IsOver: true }]);
        return Service.Progress(id)!;
    }

    /// <summary>The stages of a capture as listeners were told.</summary>
    internal IReadOnlyList<CaptureProgress> Stages(string id) => [.. Told.Where(one => one.Id == id).GroupBy(static one => one.Stage).Select(static stage => stage.First())];

    internal CaptureManifest Manifest(string id) => JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(Root, id, CaptureManifest.FileName)), CaptureJson.Default.CaptureManifest)!;

    /// <summary>Stages of a capture as events say them.</summary>
    internal IEnumerable<string> Events(string id) => Journal.Events.Where(record => record.Kind == EventKinds.Capture && record.Evidence.Details![CaptureEventDetails.Capture] == id).Select(static record => record.Evidence.Details![CaptureEventDetails.Stage]);

    public void Progressed(CaptureProgress progress, bool isStageNew)
    {
        lock (told) told.Add(progress);
    }

    public Task<CaptureLeaseAnswer?> AskAsync(CaptureLeaseRequest request, CancellationToken cancellationToken)
    {
        Leases.Add(request);
        return Task.FromResult(Lease);
    }

    public async ValueTask DisposeAsync()
    {
        if (service is not null) await StopAsync();
        Directory.Delete(folder, recursive: true);
    }
}
