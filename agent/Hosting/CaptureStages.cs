using Monitoring.Agent.Capture;
using Monitoring.Agent.Capture.Dcgm;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Capture.Profilers.Kineto;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Journal;
using Monitoring.Agent.Sampling;
using Monitoring.Agent.Shipping.Uploads;

namespace Monitoring.Agent.Hosting;

/// <summary>Puts captures together: the node they look at, the profilers, the service and what shipping and detection see of it.</summary>
internal static class CaptureStages
{
    private const string Folder = "captures";

    internal static void AddCaptures(this IServiceCollection services, AgentSettings settings, TimeProvider time)
    {
        var capture = settings.Capture;
        services.AddSingleton(capture);
        services.AddSingleton(provider => new CaptureDisk(Directory(settings, provider), CaptureDisk.AskFreeBytes));
        services.AddSingleton<ICaptureNode>(provider => new SampledNode(provider.GetRequiredService<NodeSampler>(), settings.Sampling, () => provider.GetRequiredService<DetectionLoop>().Rules.Status(), settings.Devices.Procfs));
        services.AddSingleton(provider => new ScopeFinder(provider.GetRequiredService<ICaptureNode>(), settings.NodeName, settings.Devices.Procfs));
        services.AddSingleton<ICaptureLeases, NoFleetBudget>();
        services.AddSingleton<IReadOnlyList<ICaptureListener>>(static provider => [.. provider.GetServices<ICaptureListener>()]);
        services.AddProfilers(settings, time);
        services.AddSingleton(provider => new ProfilingPause(capture.DcgmiPath.Length > 0 ? new DcgmTool(capture.DcgmiPath, time) : null, settings.Devices.Procfs, provider.GetRequiredService<CaptureDisk>(), time,
            provider.GetRequiredService<ILogger<ProfilingPause>>()));
        services.AddSingleton(provider => new CaptureBook(provider.GetRequiredService<CaptureDisk>(), provider.GetRequiredService<NodeIdentity>(), provider.GetRequiredService<IEventJournal>(),
            provider.GetRequiredService<IReadOnlyList<ICaptureListener>>(), time, provider.GetRequiredService<ILogger<CaptureBook>>()));
        services.AddSingleton(provider => Service(provider, settings, time));
        services.AddSingleton<ICaptures>(static provider => provider.GetRequiredService<CaptureService>());
        services.AddSingleton<ICaptureDesk>(static provider => provider.GetRequiredService<CaptureService>());
        services.AddSingleton<ICaptureOutbox>(static provider => provider.GetRequiredService<CaptureService>());
        services.AddHostedService(static provider => provider.GetRequiredService<CaptureService>());
        services.AddSingleton(provider => new CaptureUploads(settings.Collector, provider.GetRequiredService<ICaptureOutbox>(), new UploadLedger(settings.ResolvedStateDirectory), time, provider.GetRequiredService<ILogger<CaptureUploads>>()));
        services.AddHostedService(static provider => provider.GetRequiredService<CaptureUploads>());
    }

    /// <summary>Registers what captures answer for.</summary>
    internal static void RegisterCaptures(this IServiceProvider provider, NodeReadings readings)
    {
        var service = provider.GetRequiredService<CaptureService>();
        readings.Add(MetricTable.CaptureQueueLength, () => service.QueueLength);
        readings.Add(MetricTable.CaptureBytes, () => service.Bytes);
        readings.Add(MetricTable.CapturesRemoved, () => service.Removed);
        provider.GetRequiredService<CaptureUploads>().Register(readings);
        provider.GetRequiredService<KinetoEndpoint>().Register(readings);
    }

    private static CaptureService Service(IServiceProvider provider, AgentSettings settings, TimeProvider time)
    {
        var (capture, identity, disk, book) = (settings.Capture, provider.GetRequiredService<NodeIdentity>(), provider.GetRequiredService<CaptureDisk>(), provider.GetRequiredService<CaptureBook>());
        var (node, finder, pause) = (provider.GetRequiredService<ICaptureNode>(), provider.GetRequiredService<ScopeFinder>(), provider.GetRequiredService<ProfilingPause>());
        var (profilers, journal) = (provider.GetRequiredService<IReadOnlyList<IProfiler>>(), provider.GetRequiredService<IEventJournal>());
        var recorder = new CaptureRecorder(profilers, finder, new RecordingWatch(node, disk, capture, time), pause, disk, time, provider.GetRequiredService<ILogger<CaptureRecorder>>());
        var writer = new BundleWriter(profilers, node, disk, capture, () => provider.GetRequiredService<EventSources>().RecentLines, journal,
            new BundleAuthor(identity, ProcessReadings.Version, KernelVersion(settings.Devices.Procfs)), time, provider.GetRequiredService<ILogger<BundleWriter>>());
        var room = new BundleRoom(book, disk, capture, provider.GetRequiredService<ILogger<BundleRoom>>());
        return new CaptureService(new CaptureParts(capture, identity, disk, book, room, finder, recorder, writer, pause, profilers, provider.GetRequiredService<ICaptureLeases>(), journal, settings.Collector.Endpoint is not null),
            time, provider.GetRequiredService<ILogger<CaptureService>>());
    }

    private static string KernelVersion(string procfs)
    {
        try
        {
            return File.ReadAllText(Path.Combine(procfs, "sys/kernel/osrelease")).Trim();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Below the state directory, where this agent alone holds it; empty where it does not.</summary>
    private static string Directory(AgentSettings settings, IServiceProvider provider) =>
        provider.GetRequiredService<EventJournal>().IsOnDisk && settings.ResolvedStateDirectory is { Length: > 0 } state ? Path.Combine(state, Folder) : "";
}
