using FluentAssertions;
using Monitoring.Simulator.NodeProfiles;
using Monitoring.Simulator;

namespace Monitoring.Tests.Simulator;

/// <summary>A simulated node in a directory of its own, with its library loaded and initialised.</summary>
internal sealed class NodeUnderTest : IDisposable
{
    private readonly string _directory;

    public NodeUnderTest(string profile = "h100", int gpus = 2, int seed = 0, bool initialize = true)
        : this(NodeProfile.Load(profile), gpus, seed, initialize)
    {
    }

    public NodeUnderTest(NodeProfile profile, int gpus, int seed = 0, bool initialize = true)
    {
        _directory = NewDirectory();
        Node = SimulatedNode.Create(_directory, profile, gpus, seed, Time);
        Nvml = new NvmlClient(Node.LibraryPath);
        if (initialize) Nvml.Init().Should().Be(0);
    }

    public ManualTimeProvider Time { get; } = new();

    public SimulatedNode Node { get; }

    public NvmlClient Nvml { get; }

    public SimulatedGpu Gpu => Node.Gpus[0];

    /// <summary>Handle of GPU 0.</summary>
    public nint Handle => Nvml.Handle(0);

    public static string NewDirectory() => Directory.CreateTempSubdirectory("gpu-simulator-").FullName;

    public void Dispose()
    {
        foreach (var gpu in Node.Gpus) gpu.Hang = false;
        Nvml.Dispose();
        Node.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
