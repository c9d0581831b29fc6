using BenchmarkDotNet.Attributes;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Devices.Nvml;
using Monitoring.Agent.Sampling;
using Monitoring.Simulator;
using Monitoring.Simulator.NodeProfiles;

namespace Monitoring.Benchmarks.Agent.Sampling;

/// <summary>One reading of one H100 through P/Invoke: the fast tier alone, and every tier at once.</summary>
[MemoryDiagnoser]
public class GpuSamplerBenchmark
{
    private SimulatedNode node = null!;
    private NvmlLibrary library = null!;
    private GpuSampler fast = null!;
    private GpuSampler whole = null!;

    [GlobalSetup]
    public void Attach()
    {
        node = SimulatedNode.Create(Directory.CreateTempSubdirectory("gpu-benchmark-").FullName, NodeProfile.Load("h100"), 8, seed: 1);
        node.Advance(TimeSpan.FromSeconds(5));
        library = NvmlLibrary.Load(node.LibraryPath) ?? throw new InvalidOperationException($"{node.LibraryPath} cannot be loaded.");
        if (library.Initialize() != NvmlReturn.Success) throw new InvalidOperationException("The simulated driver does not answer.");
        fast = Sampler(new SamplingSettings { MediumInterval = TimeSpan.FromDays(1), SlowInterval = TimeSpan.FromDays(1) });
        whole = Sampler(new SamplingSettings { MediumInterval = TimeSpan.Zero, SlowInterval = TimeSpan.Zero });
    }

    [GlobalCleanup]
    public void Detach()
    {
        library.Shutdown();
        node.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void FastTier() => fast.Tick();

    [Benchmark]
    public void EveryTier() => whole.Tick();

    private GpuSampler Sampler(SamplingSettings settings)
    {
        _ = library.DeviceHandle(0, out var device);
        var sampler = new GpuSampler(new NvmlGpu(library, device, 0, new DriverClock(TimeProvider.System), TimeProvider.System), "benchmark", "node-1", settings, TimeProvider.System);
        for (var i = 0; i < 3; i++) sampler.Tick();
        return sampler;
    }
}
