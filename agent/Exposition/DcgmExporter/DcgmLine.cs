using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Exposition.DcgmExporter;

/// <summary>Who has one line of each field: a GPU, or in its place each of its MIG instances.</summary>
internal sealed class DcgmLine
{
    private readonly SampledSet gpu;
    private readonly Func<double>[] readers;

    internal DcgmLine(IReadOnlyList<(DcgmField Field, DcgmFace Face)> shown, DcgmLabels labels, DcgmBinding binding)
    {
        gpu = binding.Gpu;
        Labels = labels;
        readers = [.. shown.Select(one => one.Field.Source.Bind(binding))];
    }

    /// <summary>Its labels.</summary>
    internal DcgmLabels Labels { get; }

    /// <summary>False once its GPU is read anew, and what was bound is no longer filled.</summary>
    internal bool IsOf(SampledSet now) => ReferenceEquals(gpu, now);

    /// <summary>The value of a field in its base unit; NaN for none.</summary>
    internal double Value(int field) => readers[field]();
}
