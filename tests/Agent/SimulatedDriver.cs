using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Nvml;
using Monitoring.Agent.Sampling;
using Monitoring.Simulator;
using Monitoring.Simulator.NodeProfiles;
using Xunit;

namespace Monitoring.Tests.Agent;

/// <summary>Tests that ask the simulated driver through the real P/Invoke path: one after the other, since a process has one library.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SimulatedDriverTests
{
    public const string Name = "simulated driver";
}

/// <summary>A node of the simulator with the agent's library attached to it.</summary>
internal sealed class SimulatedDriver : IDisposable
{
    // P/Invoke binds the first library that a process loads: every simulated node of this process lives where that one looks.
    private static readonly string Directory = System.IO.Directory.CreateTempSubdirectory("gpu-driver-").FullName;

    static SimulatedDriver() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => System.IO.Directory.Delete(Directory, recursive: true);

    internal SimulatedDriver(string profile, int gpus, SamplingSettings? settings = null)
    {
        Settings = settings ?? new SamplingSettings();
        Node = SimulatedNode.Create(Directory, NodeProfile.Load(profile), gpus, seed: 1);
        Node.Advance(TimeSpan.FromSeconds(5));
        Library = NvmlLibrary.Load(Node.LibraryPath) ?? throw new InvalidOperationException($"{Node.LibraryPath} cannot be loaded.");
        var code = Library.Initialize();
        Assert.Equal(NvmlReturn.Success, code);
    }

    internal SimulatedNode Node { get; }

    internal NvmlLibrary Library { get; }

    internal SamplingSettings Settings { get; }

    internal ManualTimeProvider Time { get; } = new();

    internal DriverClock Clock => field ??= new DriverClock(Time);

    /// <summary>A sampler of one GPU that has read every tier twice, a second apart, so that GPM has an interval.</summary>
    internal GpuSampler Sampler(int gpu = 0)
    {
        Assert.Equal(NvmlReturn.Success, Library.DeviceHandle(gpu, out var device));
        var sampler = new GpuSampler(new NvmlGpu(Library, device, gpu, Clock, Time), "test", "node-1", Settings, Time);
        sampler.Tick();
        Advance(sampler, TimeSpan.FromSeconds(11));
        return sampler;
    }

    /// <summary>Moves the node and the clock on, then reads what is due.</summary>
    internal void Advance(GpuSampler sampler, TimeSpan time)
    {
        Node.Advance(time);
        Time.Advance(time);
        sampler.Tick();
    }

    /// <summary>Reads what is due a second later, of a node that stands still.</summary>
    internal void ReadAgain(GpuSampler sampler)
    {
        Time.Advance(TimeSpan.FromSeconds(1));
        sampler.Tick();
    }

    public void Dispose()
    {
        Library.Shutdown();
        Node.Dispose();
    }

    /// <summary>Every series of a set that has a value, as Prometheus would show it without cluster, node, gpu and uuid.</summary>
    internal static Dictionary<string, double> Values(SampledSet sampled) =>
        sampled.Series.All.Select((series, place) => (Name: Show(series), Value: sampled.Series.Value(place)))
            .Where(static shown => !double.IsNaN(shown.Value)).ToDictionary(static shown => shown.Name, static shown => shown.Value);

    private static string Show(Series series)
    {
        var labels = string.Join(',', series.Tags.Skip(4).Select(static tag => $"{tag.Key}={tag.Value}"));
        return labels.Length == 0 ? series.Metric.Name : $"{series.Metric.Name}{{{labels}}}";
    }
}
