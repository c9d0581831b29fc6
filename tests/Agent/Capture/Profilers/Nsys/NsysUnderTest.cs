using Xunit;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Capture.Profilers.Nsys;
using Monitoring.Contracts.Captures;

namespace Monitoring.Tests.Agent.Capture.Profilers.Nsys;

/// <summary>Both nsys profilers as the agent puts them together, over one nsys program and a folder of the test's own.</summary>
internal sealed class NsysUnderTest : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("nsys-").FullName;
    private readonly NsysInstallations installations;
    private int tasks;

    internal NsysUnderTest(string nsys, TimeProvider? clock = null)
    {
        var time = clock ?? TimeProvider.System;
        // Other than on a node, a test needs little room.
        Settings = new NsysSettings { Path = nsys, FreeSpaceFloorBytes = 64 << 20 };
        Programs = new BoundedProgram(time);
        Tool = new NsysTool(Programs);
        Processes = new NsysProcesses();
        Orphans = new OrphanSweep(Processes, Tool, time, NullLogger<OrphanSweep>.Instance);
        installations = new NsysInstallations(new NsysPlaces(nsys, ""), Programs);
        Sessions = new NsysJobSessions(Processes, new NsysReach(Processes, Settings), Tool);
        var recording = new RecordingTime(Settings, time);
        var export = new NsysExport(installations, Tool, Settings, (database, gpus) =>
        {
            Databases.Add(database);
            Captured = gpus;
            return new ProfilerSummary(ProfilerNames.NsysSystem) { Pids = [4711] };
        });
        System = new NsysSystemProfiler(installations, Tool, Orphans, Processes, recording, export, Settings);
        Session = new NsysSessionProfiler(installations, Tool, Orphans, Sessions, recording, export, Settings, new CopyRoom(Capture, FreeSpace.At));
    }

    internal NsysSettings Settings { get; }

    /// <summary>What limits a copy; other than on a node, a test needs little room.</summary>
    internal CaptureSettings Capture { get; } = new() { FreeSpaceFloorBytes = 0 };

    internal BoundedProgram Programs { get; }
    internal NsysTool Tool { get; }
    internal NsysProcesses Processes { get; }
    internal OrphanSweep Orphans { get; }
    internal NsysJobSessions Sessions { get; }
    internal NsysSystemProfiler System { get; }
    internal NsysSessionProfiler Session { get; }

    /// <summary>The databases that were handed to the summary.</summary>
    internal List<string> Databases { get; } = [];

    /// <summary>The GPUs that the last summary was told the capture is of.</summary>
    internal IReadOnlyList<CapturedGpu> Captured { get; private set; } = [];

    internal static CaptureScope Scope(bool cpuSampling, params long[] pids) => new([], [.. pids.Select(static pid => new ScopeProcess(pid, "job", [0]))], cpuSampling);

    /// <summary>A recording of one second with directories of its own.</summary>
    internal ProfilerTask Task(CaptureScope scope, IProgress<double>? progress = null, double seconds = 1, string? scratch = null)
    {
        var number = ++tasks;
        var bundle = Directory.CreateDirectory(Path.Combine(folder, $"bundle-{number}")).FullName;
        scratch ??= Directory.CreateDirectory(Path.Combine(folder, $"scratch-{number}")).FullName;
        return new ProfilerTask(Guid.NewGuid().ToString("N"), bundle, scratch, scope, TimeSpan.FromSeconds(seconds), null, progress ?? new Collected());
    }

    /// <summary>Records and exports, as the service does.</summary>
    internal static async Task<ProfilerOutcome> CaptureAsync(IProfiler profiler, ProfilerTask task)
    {
        var recorded = await profiler.RecordAsync(task, TestContext.Current.CancellationToken);
        return await profiler.ExportAsync(task, recorded, TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        installations.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Progress in the order in which it was reported, without a thread in between.</summary>
    internal sealed class Collected : IProgress<double>
    {
        internal List<double> Values { get; } = [];

        public void Report(double value) => Values.Add(value);
    }
}
