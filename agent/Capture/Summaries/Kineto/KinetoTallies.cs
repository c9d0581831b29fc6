using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Summaries.Kineto;

/// <summary>What the events of a trace sum up to.</summary>
internal sealed class KinetoTallies
{
    private const string Step = "ProfilerStep#";

    /// <summary>Steps that are kept for their median.</summary>
    private const int StepsAtMost = 100_000;

    private static readonly (KinetoCategory Category, string Name)[] CategoryNames =
    [
        (KinetoCategory.Kernel, "kernel"), (KinetoCategory.Copy, "gpu_memcpy"), (KinetoCategory.Fill, "gpu_memset"), (KinetoCategory.Runtime, "cuda_runtime"),
        (KinetoCategory.Operator, "cpu_op"), (KinetoCategory.Annotation, "user_annotation"),
    ];

    private readonly TallyTable<string> kernels = new();
    private readonly TallyTable<string> runtime = new();
    private readonly TallyTable<string> operators = new();
    private readonly TallyTable<string> ranges = new();
    private readonly CopyTally copies = new();
    private readonly DeviceTable devices = new();
    private readonly Dictionary<string, bool> isNccl = new(StringComparer.Ordinal); // by full name
    private readonly HashSet<KinetoCategory> recorded = [];
    private readonly List<long> steps = [];
    private (long Duration, string Name) longestStep = (-1, "");
    private (long From, long To)? span;
    private (long From, long To)? seen;

    internal void Add(KinetoEvent happened)
    {
        if (!happened.IsComplete || happened.Start is not { } start || happened.Duration is not { } duration || duration < 0) return;
        var end = start + duration;
        if (happened.Category == KinetoCategory.Span)
        {
            if (span is not { } known || duration > known.To - known.From) span = (start, end);
            return;
        }
        if (happened.Category == KinetoCategory.Other) return;
        recorded.Add(happened.Category);
        seen = seen is { } before ? (Math.Min(before.From, start), Math.Max(before.To, end)) : (start, end);
        switch (happened.Category)
        {
            case KinetoCategory.Kernel:
                kernels.Add(happened.Name, duration);
                DeviceOf(happened)?.AddKernel(start, end, IsNccl(happened.Name));
                break;
            case KinetoCategory.Copy or KinetoCategory.Fill:
                copies.Add(happened.Category == KinetoCategory.Fill ? CopyKinds.Fill : KindOf(happened.Name), duration, happened.Bytes);
                DeviceOf(happened)?.AddCopy(start, end);
                break;
            case KinetoCategory.Runtime:
                runtime.Add(happened.Name, duration);
                break;
            case KinetoCategory.Operator:
                operators.Add(happened.Name, duration);
                break;
            default:
                AddAnnotation(happened.Name, duration);
                break;
        }
    }

    internal ProfilerSummary ToSummary(KinetoTrace trace)
    {
        var (from, to) = span ?? seen ?? (0, 0);
        foreach (var device in devices.All) device.Name = trace.Devices.GetValueOrDefault(device.Device, "");
        return new ProfilerSummary(ProfilerNames.Kineto)
        {
            Tool = trace.Rank is { } rank ? $"PyTorch profiler, rank {rank}" + (trace.WorldSize is { } size ? $" of {size}" : "") : "PyTorch profiler",
            Window = new SummaryWindow(Nanoseconds.ToSeconds(to - from), Nanoseconds.ToTime(unchecked(trace.Zero + from))),
            Recorded = [.. CategoryNames.Where(pair => recorded.Contains(pair.Category)).Select(static pair => pair.Name)],
            Gpus = [.. devices.All.Select(device => device.ToSummary(from, to, trace.Zero))],
            Kernels = kernels.ToSummary(static name => (KernelNames.Short(name), name)),
            Nccl = NcclShare.Of(kernels.Entries.Select(static pair => KeyValuePair.Create(KernelNames.Short(pair.Key), pair.Value)), kernels.All.Total, devices.All, from, to),
            Copies = copies.ToSummary(),
            ApiCalls = runtime.ToSummary(static name => (name, name)),
            Operators = operators.ToSummary(static name => (name, name)),
            Ranges = ranges.ToSummary(static name => (name, name)),
            Steps = Steps(),
        };
    }

    private void AddAnnotation(string name, long duration)
    {
        if (!name.StartsWith(Step, StringComparison.Ordinal))
        {
            ranges.Add(name, duration);
            return;
        }
        if (steps.Count < StepsAtMost) steps.Add(duration);
        if (duration > longestStep.Duration) longestStep = (duration, name);
    }

    private StepSummary? Steps()
    {
        if (steps.Count == 0) return null;
        steps.Sort();
        var middle = steps.Count / 2;
        var median = steps.Count % 2 == 1 ? steps[middle] : (steps[middle - 1] + steps[middle]) / 2;
        return new StepSummary(
            steps.Count, steps.Average(static step => step / (double)Nanoseconds.PerSecond), Nanoseconds.ToSeconds(median), Nanoseconds.ToSeconds(steps[0]), Nanoseconds.ToSeconds(longestStep.Duration), longestStep.Name);
    }

    /// <summary>Old traces have no argument for the device; work of a GPU then has its number as the process.</summary>
    private DeviceActivity? DeviceOf(KinetoEvent happened) => devices.Of(happened.Device ?? happened.Process ?? -1);

    private bool IsNccl(string name)
    {
        if (isNccl.TryGetValue(name, out var known)) return known;
        known = KernelNames.IsNccl(KernelNames.Short(name));
        if (isNccl.Count < TallyTable<string>.KeysAtMost) isNccl.Add(name, known);
        return known;
    }

    /// <summary>"Memcpy HtoD (Pageable -> Device)"</summary>
    private static string KindOf(string name)
    {
        if (name.Contains("HtoD", StringComparison.Ordinal)) return CopyKinds.HostToDevice;
        if (name.Contains("DtoH", StringComparison.Ordinal)) return CopyKinds.DeviceToHost;
        if (name.Contains("DtoD", StringComparison.Ordinal)) return CopyKinds.DeviceToDevice;
        if (name.Contains("HtoH", StringComparison.Ordinal)) return CopyKinds.HostToHost;
        return name.Contains("PtoP", StringComparison.Ordinal) ? CopyKinds.PeerToPeer : CopyKinds.Unknown;
    }
}
