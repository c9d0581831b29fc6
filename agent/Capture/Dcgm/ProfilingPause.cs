using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Agent.Devices.Kernel;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Dcgm;

/// <summary>
/// Before Hopper one user at a time has the performance counters, and often it is DCGM. While a profiler needs them its profiling is
/// paused, by a lease that ends by itself: at the end of the recording, at a deadline, and at the next start of the agent. The lease is
/// on disk before DCGM is paused. The pause is the host engine's, for every GPU of the node.
/// </summary>
/// <param name="tool">Runs dcgmi; null where it is not to be used.</param>
/// <param name="procfs">Where procfs is mounted, to see whether a host engine runs.</param>
internal sealed partial class ProfilingPause(DcgmTool? tool, string procfs, CaptureDisk disk, TimeProvider time, ILogger<ProfilingPause> logger) : IDisposable
{
    internal const string LeaseFile = "dcgm-pause.json";
    private const string HostEngine = "nv-hostengine";
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);

    // Architectures whose counters have one user; from Hopper on DCGM reads them through another unit (DCGM issue 62).
    private static readonly string[] OneUser = ["volta", "turing", "ampere", "ada"];

    private readonly SemaphoreSlim turn = new(1, 1);
    private ITimer? deadline;

    /// <summary>True while a lease is held, or one could not be given back yet.</summary>
    internal bool IsPaused { get; private set; }

    /// <summary>Pauses DCGM's profiling where that is needed and possible.</summary>
    /// <param name="captureId">For whom.</param>
    /// <param name="gpus">The GPUs whose counters a profiler needs.</param>
    /// <param name="longest">After this the lease ends by itself.</param>
    /// <returns>What was done or why not, for the log of the capture; empty where nothing was to be done.</returns>
    internal async Task<string> PauseAsync(string captureId, IReadOnlyList<CapturedGpu> gpus, TimeSpan longest)
    {
        if (tool is null || !gpus.Any(static gpu => OneUser.Contains(gpu.Architecture)) || !HostEngineRuns()) return "";
        await turn.WaitAsync().ConfigureAwait(false);
        try
        {
            disk.Write(LeaseFile, JsonSerializer.SerializeToUtf8Bytes(new PauseLease(captureId, time.GetUtcNow() + longest), PauseLeaseJson.Default.PauseLease));
            IsPaused = true;
            var (wasStarted, code, words) = await tool.RunAsync("profile", "--pause").ConfigureAwait(false);
            Watch(longest);
            if (code == 0) return "DCGM's profiling was paused";
            LogNotPaused(words);
            // It may have been paused all the same, unless nothing was run at all.
            if (wasStarted) await GiveBackAsync().ConfigureAwait(false);
            else Forget();
            return $"DCGM's profiling could not be paused: {words}";
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Gives the counters back to DCGM; nothing where they were not taken.</summary>
    internal async Task ResumeAsync()
    {
        await turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (IsPaused) await GiveBackAsync().ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Ends the lease of an earlier life of the agent.</summary>
    internal async Task RecoverAsync()
    {
        if (disk.Root.Length == 0 || disk.Read(LeaseFile) is null) return;
        LogLeft();
        IsPaused = true;
        await ResumeAsync().ConfigureAwait(false);
    }

    public void Dispose()
    {
        deadline?.Dispose();
        turn.Dispose();
    }

    private async Task GiveBackAsync()
    {
        deadline?.Dispose();
        deadline = null;
        var (_, code, words) = tool is null ? new DcgmAnswer(WasStarted: false, null, "capture.dcgmi_path is empty now") : await tool.RunAsync("profile", "--resume").ConfigureAwait(false);
        // A host engine that ended meanwhile pauses nothing: the next one begins with profiling on.
        if (code == 0 || !HostEngineRuns())
        {
            Forget();
            return;
        }
        LogNotResumed(words, RetryInterval.TotalSeconds);
        Watch(RetryInterval);
    }

    private void Forget()
    {
        deadline?.Dispose();
        deadline = null;
        IsPaused = false;
        disk.Delete(LeaseFile);
    }

    private void Watch(TimeSpan until)
    {
        deadline?.Dispose();
        deadline = time.CreateTimer(_ => _ = ResumeAsync(), null, until, Timeout.InfiniteTimeSpan);
    }

    private bool HostEngineRuns()
    {
        try
        {
            return Directory.EnumerateDirectories(procfs)
                .Any(path => long.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && ProcessFiles.NameOf(procfs, pid) == HostEngine);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LoggerMessage(EventId = 2110, Level = LogLevel.Warning, Message = "DCGM's profiling could not be paused for a capture: {Reason}")]
    private partial void LogNotPaused(string reason);

    [LoggerMessage(EventId = 2111, Level = LogLevel.Error, Message = "DCGM's profiling is paused and could not be resumed: {Reason} Trying again in {Seconds} s; by hand: dcgmi profile --resume")]
    private partial void LogNotResumed(string reason, double seconds);

    [LoggerMessage(EventId = 2112, Level = LogLevel.Warning, Message = "An earlier run of the agent left DCGM's profiling paused; it is resumed.")]
    private partial void LogLeft();
}

/// <summary>A pause as it lies on disk.</summary>
/// <param name="Capture">For which capture.</param>
/// <param name="Until">When it ends by itself.</param>
internal sealed record PauseLease(string Capture, DateTimeOffset Until);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PauseLease))]
internal sealed partial class PauseLeaseJson : JsonSerializerContext;
