using Monitoring.Agent.Capture;
using Monitoring.Agent.Capture.Counters;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Capture.Profilers.Kineto;
using Monitoring.Agent.Capture.Profilers.Ncu;
using Monitoring.Agent.Capture.Profilers.Nsys;
using Monitoring.Agent.Capture.Summaries;
using Monitoring.Agent.Capture.Summaries.Kineto;
using Monitoring.Agent.Capture.Summaries.Nsys;
using Monitoring.Contracts.Captures;
using NsysExport = Monitoring.Agent.Capture.Profilers.Nsys.NsysExport;

namespace Monitoring.Agent.Hosting;

/// <summary>Puts the profilers together; a new one is a line here.</summary>
internal static class ProfilerStages
{
    internal static void AddProfilers(this IServiceCollection services, AgentSettings settings, TimeProvider time)
    {
        // The socket is not bound until PyTorch captures are switched on.
        services.AddSingleton(provider => new KinetoEndpoint(settings.Capture.Kineto, new KinetoAddresses(settings.Capture.Kineto.SocketDirectory), time, provider.GetRequiredService<ILogger<KinetoEndpoint>>()));
        services.AddHostedService(static provider => provider.GetRequiredService<KinetoEndpoint>());
        if (settings.Capture.IncomingDirectory is { Length: > 0 } incoming)
        {
            services.AddSingleton(provider => new NcuIncoming(incoming, settings.NodeName, time, provider.GetRequiredService<ILogger<NcuIncoming>>()));
            services.AddHostedService<KernelReportPickup>();
        }
        services.AddSingleton<IReadOnlyList<IProfiler>>(provider =>
        [
            new CountersProfiler(provider.GetRequiredService<ICaptureNode>(), settings.Capture, time, WindowMeans.Summarise),
            .. Nsys(settings, time, provider.GetRequiredService<ILoggerFactory>()),
            new KinetoProfiler(settings.Capture.Kineto, provider.GetRequiredService<KinetoEndpoint>(), settings.Devices.Procfs, Room(settings), time, KinetoOf, provider.GetRequiredService<ILogger<KinetoProfiler>>()),
            .. provider.GetService<NcuIncoming>() is { } reports ? (IProfiler[])[new NcuProfiler(reports, time)] : [],
        ]);
    }

    private static IProfiler[] Nsys(AgentSettings settings, TimeProvider time, ILoggerFactory loggers)
    {
        var nsys = settings.Capture.Nsys;
        var programs = new BoundedProgram(time);
        var installations = new NsysInstallations(new NsysPlaces(nsys.Path, Environment.GetEnvironmentVariable("PATH") ?? ""), programs);
        var (tool, processes, recording) = (new NsysTool(programs), new NsysProcesses(), new RecordingTime(nsys, time));
        var orphans = new OrphanSweep(processes, tool, time, loggers.CreateLogger<OrphanSweep>());
        return
        [
            new NsysSessionProfiler(installations, tool, orphans, new NsysJobSessions(processes, new NsysReach(processes, nsys), tool), recording,
                new NsysExport(installations, tool, nsys, static (path, gpus) => Nsys(path, ProfilerNames.NsysSession, gpus)), nsys, Room(settings)),
            new NsysSystemProfiler(installations, tool, orphans, processes, recording, new NsysExport(installations, tool, nsys, static (path, gpus) => Nsys(path, ProfilerNames.NsysSystem, gpus)), nsys),
        ];
    }

    private static CopyRoom Room(AgentSettings settings) => new(settings.Capture, FreeSpace.At);

    private static ProfilerSummary Nsys(string path, string profiler, IReadOnlyList<CapturedGpu> gpus)
    {
        try
        {
            return NsysSummary.Read(path, profiler, gpus);
        }
        catch (SummaryException fault)
        {
            throw new InvalidDataException(fault.Message, fault);
        }
    }

    private static ProfilerSummary? KinetoOf(string path)
    {
        try
        {
            return KinetoSummary.Read(path);
        }
        catch (SummaryException)
        {
            return null;
        }
    }
}
