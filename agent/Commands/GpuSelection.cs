using System.Globalization;
using Monitoring.Agent.Detection.Health;

namespace Monitoring.Agent.Commands;

/// <summary>Which GPUs a check looks at.</summary>
/// <param name="Names">Indexes and UUIDs, or their beginnings; null for every GPU.</param>
internal sealed record GpuSelection(IReadOnlyList<string>? Names)
{
    /// <summary>Looked at in this order; the first that is set counts. Slurm sets the first two, CUDA and the container toolkit the others.</summary>
    private static readonly string[] Variables = ["SLURM_JOB_GPUS", "SLURM_STEP_GPUS", "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"];

    private const int IndexesAtMost = 64;

    internal static GpuSelection All { get; } = new((IReadOnlyList<string>?)null);

    internal bool IsAll => Names is null;

    /// <summary>Reads <c>all</c>, <c>none</c>, <c>env</c>, or a list such as <c>0,2-3,GPU-9221d5d1</c>.</summary>
    /// <param name="text">As given.</param>
    /// <param name="variable">A variable of the environment.</param>
    /// <param name="error">What is wrong with it, with the remedy.</param>
    /// <returns>Null where it is wrong.</returns>
    internal static GpuSelection? Parse(string text, Func<string, string?> variable, out string error)
    {
        error = "";
        var source = "--gpus";
        if (text == "env")
        {
            // A job without GPUs has the variable empty, or not at all; only a variable that is there says so.
            if (Variables.FirstOrDefault(name => variable(name) is not null) is not { } set) return All;
            (source, text) = (set, variable(set)!.Trim());
            if (text is "" or "-1" or "none" or "void" or "NoDevFiles") return new GpuSelection([]);
        }
        if (text == "all") return All;
        if (text == "none") return new GpuSelection([]);

        List<string> names = [];
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (IsUuid(part)) names.Add(part);
            else if (part.StartsWith("MIG-GPU-", StringComparison.OrdinalIgnoreCase)) names.Add(part["MIG-".Length..].Split('/')[0]);
            // Which GPU an instance is of does not stand in its UUID: all are looked at, rather than none.
            else if (part.StartsWith("MIG-", StringComparison.OrdinalIgnoreCase)) return All;
            else if (Indexes(part) is { } indexes) names.AddRange(indexes);
            else
            {
                error = $"{source} has '{part}', expected indexes and UUIDs of GPUs, such as 0,2-3 or GPU-9221d5d1-..., or all, none or env";
                return null;
            }
        }
        return new GpuSelection([.. names.Distinct(StringComparer.OrdinalIgnoreCase)]);
    }

    /// <summary>The GPUs of a node that are looked at.</summary>
    /// <param name="unknown">Names that are no GPU of the node.</param>
    internal IReadOnlyList<GpuHealth> Of(NodeHealth node, out IReadOnlyList<string> unknown)
    {
        unknown = [];
        if (Names is null) return node.Gpus;
        unknown = [.. Names.Where(name => !node.Gpus.Any(gpu => IsNamed(gpu, name)))];
        return [.. node.Gpus.Where(gpu => Names.Any(name => IsNamed(gpu, name)))];
    }

    private static bool IsNamed(GpuHealth gpu, string name) => IsUuid(name)
        ? gpu.Uuid.StartsWith(name, StringComparison.OrdinalIgnoreCase)
        : gpu.Index?.ToString(CultureInfo.InvariantCulture) == name;

    // CUDA takes the beginning of a UUID as well; a few digits tell the GPUs of a node apart.
    private static bool IsUuid(string part) => part.StartsWith("GPU-", StringComparison.OrdinalIgnoreCase) && part.Length > "GPU-".Length;

    private static IEnumerable<string>? Indexes(string part)
    {
        var ends = part.Split('-');
        if (ends.Length > 2 || !TryIndex(ends[0], out var first) || !TryIndex(ends[^1], out var last) || last < first) return null;
        return Enumerable.Range(first, last - first + 1).Select(static index => index.ToString(CultureInfo.InvariantCulture));
    }

    private static bool TryIndex(string text, out int index) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out index) && index < IndexesAtMost;
}
