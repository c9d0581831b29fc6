using System.Globalization;
using Monitoring.Simulator;
using Monitoring.Simulator.State;

namespace Monitoring.Tests.EndToEnd;

/// <summary>
/// Raises faults on a simulated node, in the kernel's log and in the driver's event queue: one soon after the other in either order,
/// or in the log alone. It remembers every XID, each of which names a process of its own.
/// </summary>
internal sealed class FaultRaiser(SimulatedNode node, int seed)
{
    // Codes whose every line is an incident of its own, unlike 13, 43 and 45.
    private static readonly int[] Codes = [31, 48, 62, 63, 64, 69, 74, 92, 94, 95, 109, 119, 121];
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestGapBetweenSources = TimeSpan.FromMilliseconds(400);

    private readonly Random random = new(seed);
    private readonly Queue<(int Gpu, int Code)> next = [];
    private readonly List<RaisedXid> raised = [];
    private readonly List<Task> late = [];
    private long pid = 100_000;
    private int sxids;

    /// <summary>Every XID that was raised; complete when <see cref="RunAsync"/> has ended.</summary>
    internal IReadOnlyList<RaisedXid> Raised => raised;

    /// <summary>Fatal errors of the NVSwitch that were raised, each a code of its own.</summary>
    internal int Sxids => sxids;

    internal async Task RunAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            RaiseXid();
            if (random.Next(15) == 0) node.WriteKernelLine(string.Create(CultureInfo.InvariantCulture, $"nvidia-nvswitch0: SXid (PCI:0000:06:00.0): {20000 + sxids++}, Fatal, Link 48 LTSSM Fault Up"));
            if (random.Next(15) == 0) node.Gpus[random.Next(node.Gpus.Count)].RaiseEvent(GpuEventType.MigConfigurationChange);
            await Task.Delay(LongestPause * random.NextDouble(), TimeProvider.System, CancellationToken.None);
        }
        await Task.WhenAll(late);
    }

    private void RaiseXid()
    {
        // Every GPU and code in its turn: more than 20 a minute of one would be summed up as a storm.
        if (next.Count == 0)
        {
            var all = node.Gpus.SelectMany(static gpu => Codes.Select(code => (gpu.Index, code))).ToArray();
            random.Shuffle(all);
            foreach (var one in all) next.Enqueue(one);
        }
        var (index, code) = next.Dequeue();
        // Now and then twice within the time in which two sources may mean the same.
        var times = random.Next(10) == 0 ? 2 : 1;
        for (var time = 0; time < times; time++)
        {
            var (xid, gap) = (new RaisedXid(index, code, pid++), LongestGapBetweenSources * random.NextDouble());
            raised.Add(xid);
            switch (random.Next(4))
            {
                case 0:
                    Write(xid);
                    break;
                case 1:
                    Write(xid);
                    Tell(xid);
                    break;
                case 2:
                    Write(xid);
                    late.Add(Task.Delay(gap, TimeProvider.System).ContinueWith(_ => Tell(xid), TaskScheduler.Default));
                    break;
                default:
                    Tell(xid);
                    late.Add(Task.Delay(gap, TimeProvider.System).ContinueWith(_ => Write(xid), TaskScheduler.Default));
                    break;
            }
        }
    }

    private void Write(RaisedXid xid)
    {
        ref var state = ref node.Gpus[xid.Gpu].State;
        node.WriteKernelLine(string.Create(CultureInfo.InvariantCulture,
            $"NVRM: Xid (PCI:{state.PciDomain:x4}:{state.PciBus:x2}:{state.PciDevice:x2}): {xid.Code}, pid={xid.Pid}, name=python3, simulated"));
    }

    private void Tell(RaisedXid xid) => node.Raise(new EventState
    {
        Kind = 1, Type = (ulong)GpuEventType.Xid, Data = (ulong)xid.Code, Gpu = (uint)xid.Gpu, GpuInstanceId = uint.MaxValue, ComputeInstanceId = uint.MaxValue,
    });
}

/// <summary>An XID as it was raised.</summary>
internal sealed record RaisedXid(int Gpu, int Code, long Pid);
