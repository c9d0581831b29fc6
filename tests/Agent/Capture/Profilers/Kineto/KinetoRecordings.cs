using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Capture.Profilers.Kineto;
using Monitoring.Contracts.Captures;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

/// <summary>PyTorch's profiler over jobs that live on the test's clock.</summary>
public abstract class KinetoRecordings : IDisposable
{
    private protected const string Capture = "0123456789abcdef0123456789abcdef";
    private protected ManualTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private protected JobFiles Files { get; } = new();
    private protected KinetoSettings Settings { get; } = new() { Enabled = true };
    private protected CaptureSettings Limits { get; } = new() { FreeSpaceFloorBytes = 0 };
    private protected List<FakeJob> Jobs { get; } = [];
    private protected List<double> Progress { get; } = [];
    private readonly string name = $"dynolog-{Guid.NewGuid():N}";
    private protected string Folder { get; } = Directory.CreateTempSubdirectory("kineto-").FullName;
    private KinetoEndpoint? endpoint;

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        endpoint?.StopAsync(default);
        endpoint?.Dispose();
        Files.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private protected KinetoProfiler Profiler(Func<string, ProfilerSummary?>? summarise = null) => new(Settings, Endpoint(), Files.Procfs, new CopyRoom(Limits, FreeSpace.At), Time, summarise ?? (static _ => null), NullLogger<KinetoProfiler>.Instance);

    private KinetoEndpoint Endpoint()
    {
        if (endpoint is not null) return endpoint;
        endpoint = new KinetoEndpoint(Settings, new KinetoAddresses("", name), Time, NullLogger<KinetoEndpoint>.Instance);
        endpoint.StartAsync(default);
        if (Settings.Enabled) Eventually.Holds("it listens", () => endpoint.State == KinetoEndpointState.Listening);
        return endpoint;
    }

    private protected Task<ProfilerAbility> Ability(params long[] pids) => Profiler().AbilityFor(Scope(pids is [] ? [JobFiles.Pid] : pids), default);

    private protected static CaptureScope Scope(long[] pids) => new([], [.. pids.Select(static pid => new ScopeProcess(pid, "python3", [0]))], false);

    private protected ProfilerTask Task(long[] pids, DateTimeOffset? startAt = null) =>
        new(Capture, Folder, Folder, Scope(pids), TimeSpan.FromMilliseconds(500), startAt, new Told(Progress));

    private protected Task<ProfilerOutcome> Record(long[]? pids = null, DateTimeOffset? startAt = null, CancellationToken cancellationToken = default) =>
        Run(Profiler().RecordAsync(Task(pids ?? [JobFiles.Pid], startAt), cancellationToken));

    /// <summary>Moves the clock until the recording is over; the jobs ask every five seconds and write when it is Time.</summary>
    private protected async Task<ProfilerOutcome> Run(Task<ProfilerOutcome> recording)
    {
        for (var step = 0; step < 5000 && !recording.IsCompleted; step++)
        {
            SpinWait.SpinUntil(() => recording.IsCompleted || Time.ArmedTimers > 0, Eventually.Patience);
            Time.Advance(TimeSpan.FromMilliseconds(100));
            foreach (var job in Jobs) job.Live();
        }
        return await recording.WaitAsync(Eventually.Patience);
    }

    private protected FakeJob Job(long pid = JobFiles.Pid, int? ownPid = null, uint? uid = null)
    {
        var job = new FakeJob(Endpoint().Desk, Files, Time, pid, ownPid ?? (int)pid, uid ?? JobFiles.User);
        Jobs.Add(job);
        job.Ask();
        return job;
    }

    private sealed class Told(List<double> told) : IProgress<double>
    {
        public void Report(double value) => told.Add(value);
    }
}
