using Monitoring.Simulator.KernelLog;
using Monitoring.Simulator.NodeProfiles;
using Monitoring.Simulator.State;

namespace Monitoring.Simulator;

/// <summary>
/// A GPU node: a directory with the simulated NVML library and its state file. Clients load the library; this object
/// is the hardware behind it. Its members may be used from any thread.
/// </summary>
public sealed partial class SimulatedNode : IDisposable
{
    /// <summary>Steps short against every time constant of the model; longer advances are cut.</summary>
    private static readonly TimeSpan LongestStep = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider _time;
    private readonly StateFile _state;
    private readonly SimulatedGpu[] _gpus;
    private bool _disposed;

    private SimulatedNode(string directory, NodeProfile profile, int gpuCount, int seed, TimeProvider time)
    {
        Directory = Path.GetFullPath(directory);
        Profile = profile;
        Seed = seed;
        _time = time;
        LibraryPath = SimulatorLibrary.CopyTo(Directory);
        _state = StateFile.Create(Path.Combine(Directory, StateFile.FileName), (ref node) => NodeBirth.Fill(profile, gpuCount, seed, Now(), ref node));
        _kernelLog = new SimulatedKernelLog(Directory, time);
        _gpus = [.. Enumerable.Range(0, gpuCount).Select(index => new SimulatedGpu(this, index))];
        WriteFiles();
    }

    /// <summary>The node's directory: give it to <c>LD_LIBRARY_PATH</c>, or load <see cref="LibraryPath"/>.</summary>
    public string Directory { get; }

    /// <summary>The library of this node; every node has its own copy, so that several can live in one process.</summary>
    public string LibraryPath { get; }

    /// <summary>Path of the state file.</summary>
    public string StatePath => _state.Path;

    /// <summary>The profile that is played.</summary>
    public NodeProfile Profile { get; }

    /// <summary>The GPUs in the order of their indexes.</summary>
    public IReadOnlyList<SimulatedGpu> Gpus => _gpus;

    /// <summary>Simulated time since the node was created.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>Calls that clients made, and the time that they spent inside the library, waits for events left out.</summary>
    public (ulong Calls, TimeSpan Inside, TimeSpan ProcessorTimeInside) CallStatistics
    {
        get
        {
            lock (Gate)
            {
                ref var node = ref _state.Node;
                return (Volatile.Read(ref node.Calls), Nanoseconds(Volatile.Read(ref node.NanosecondsInside)), Nanoseconds(Volatile.Read(ref node.ProcessorNanosecondsInside)));
            }
        }
    }

    /// <summary>Measures processor time inside the library too; costs the client two system calls per call.</summary>
    public bool MeasuresProcessorTime
    {
        get => _state.Node.MeasureProcessorTime != 0;
        set => _state.Node.MeasureProcessorTime = value ? 1u : 0;
    }

    /// <summary>The driver can be unloaded and loaded again: clients see DRIVER_NOT_LOADED in between.</summary>
    public bool IsDriverLoaded
    {
        get => Volatile.Read(ref _state.Node.DriverLoaded) != 0;
        set
        {
            lock (Gate)
            {
                Volatile.Write(ref _state.Node.DriverLoaded, value ? 1u : 0);
                ShowDriver(value);
            }
            _state.WakeWaiters();
        }
    }

    internal Lock Gate { get; } = new();

    internal int Seed { get; }

    /// <summary>Creates the directory with library, link and state file; what was there before is replaced.</summary>
    /// <param name="directory">Where the node shall be.</param>
    /// <param name="profile">What the node is.</param>
    /// <param name="gpuCount">How many GPUs it has, 0 to 16.</param>
    /// <param name="seed">Another seed makes another machine: other UUIDs, other noise.</param>
    public static SimulatedNode Create(string directory, NodeProfile profile, int gpuCount, int seed = 0) => Create(directory, profile, gpuCount, seed, TimeProvider.System);

    /// <summary>The same with a given clock, which only timestamps come from.</summary>
    public static SimulatedNode Create(string directory, NodeProfile profile, int gpuCount, int seed, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(gpuCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(gpuCount, StateFile.GpuLimit);
        return new SimulatedNode(directory, profile, gpuCount, seed, time);
    }

    /// <summary>How often clients called one function.</summary>
    public uint CallsOf(string function) => Volatile.Read(ref _state.Node.FunctionCalls[FunctionTable.IndexOf(function)]);

    /// <summary>Moves the machine on: workload, power, heat, clocks, counters. The same seed and the same advances give the same readings.</summary>
    public void Advance(TimeSpan elapsed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(elapsed, TimeSpan.Zero);
        lock (Gate)
        {
            while (elapsed > TimeSpan.Zero)
            {
                var step = elapsed < LongestStep ? elapsed : LongestStep;
                Elapsed += step;
                elapsed -= step;
                StepIncidents(step);
                if (_playback is { } playback) playback.Advance(step);
                else Step(step.TotalSeconds);
            }
        }
    }

    /// <summary>Reports the binding or unbinding of a GPU to system event sets.</summary>
    public void RaiseSystemEvent(bool isBind, SimulatedGpu gpu) => Raise(new EventState { Kind = 2, Type = isBind ? 2ul : 1ul, Gpu = (uint)gpu.Index });

    /// <summary>Ends the driver: clients that still hold it see DRIVER_NOT_LOADED. The files stay.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        IsDriverLoaded = false;
        _playback?.Dispose();
        _state.Dispose();
    }

    internal ref NodeState State => ref _state.Node;

    internal ulong Now() => (ulong)(_time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    internal void Raise(EventState raised)
    {
        lock (Gate)
        {
            ref var node = ref _state.Node;
            raised.Number = node.EventCount;
            node.Events[(int)(raised.Number % StateFile.EventLimit)] = raised;
            Volatile.Write(ref node.EventCount, raised.Number + 1);
        }
        _state.WakeWaiters();
    }

    private static TimeSpan Nanoseconds(ulong nanoseconds) => TimeSpan.FromTicks((long)(nanoseconds / 100));

    private void Step(double seconds)
    {
        var workload = Profile.Simulation.Workload;
        var phase = workload.At(Elapsed.TotalSeconds);
        var slowest = double.MaxValue;
        foreach (var gpu in _gpus) slowest = Math.Min(slowest, gpu.Model.Speed);
        foreach (var gpu in _gpus) gpu.Step(seconds, phase, workload.IsSynchronous ? slowest : gpu.Model.Speed);
    }
}
