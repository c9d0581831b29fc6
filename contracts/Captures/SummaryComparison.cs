using static Monitoring.Contracts.Captures.SummaryNumbers;

namespace Monitoring.Contracts.Captures;

/// <summary>How two summaries differ: a capture and its healthy control, or the same GPU before and after.</summary>
/// <param name="Words">The weightiest differences as sentences, and what could not be compared.</param>
/// <param name="Differences">The differences, the one with the largest effect first.</param>
public sealed record SummaryComparison(IReadOnlyList<string> Words, IReadOnlyList<SummaryDifference> Differences)
{
    /// <summary>Differences that are kept.</summary>
    public const int DifferencesAtMost = 60;

    /// <summary>How the first of the two is called in a sentence, where it is the capture of a healthy peer.</summary>
    public const string InTheControl = "in the control";

    private const int SentencesAtMost = 8;
    private const double EffectToSay = 0.05;
    private const double EffectToKeep = 0.005;

    public IReadOnlyList<string> Words { get; init => field = value ?? []; } = Words ?? [];

    public IReadOnlyList<SummaryDifference> Differences { get; init => field = value ?? []; } = Differences ?? [];

    /// <summary>Compares two summaries of the same profiler.</summary>
    /// <param name="before">The earlier one, or the control.</param>
    /// <param name="after">The later one, or the victim.</param>
    /// <param name="beforeWords">How a sentence calls the first: "before", or <see cref="InTheControl"/>.</param>
    public static SummaryComparison Of(ProfilerSummary before, ProfilerSummary after, string beforeWords = "before")
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var words = new List<string>();
        if (before.Profiler != after.Profiler) words.Add($"The two are of different profilers, {before.Profiler} and {after.Profiler}: only what both recorded is compared.");
        if (before.IsIncomplete || after.IsIncomplete) words.Add("At least one of the two reports is not whole.");
        var differences = SummaryDifferences.Of(before, after, out var notCompared)
            .Where(static difference => difference.Effect >= EffectToKeep)
            .Select(static difference => difference with { Effect = Math.Round(difference.Effect, 4) }) // so that what is equal is so on every machine
            .OrderByDescending(static difference => difference.Effect)
            .ThenBy(static difference => difference.Section, StringComparer.Ordinal)
            .ThenBy(static difference => difference.Name, StringComparer.Ordinal)
            .ThenBy(static difference => difference.Measure, StringComparer.Ordinal)
            .Take(DifferencesAtMost)
            .ToList();
        words.AddRange(differences.Where(static difference => difference.Effect >= EffectToSay && !IsSaidByCollective(difference)).Take(SentencesAtMost).Select(difference => difference.Sentence(beforeWords)));
        if (!differences.Any(static difference => difference.Effect >= EffectToSay)) words.Add($"Nothing that both recorded differs by {Percent(EffectToSay)} or more.");
        if (notCompared.Count > 0) words.Add($"Only one of the two recorded {string.Join(", ", notCompared)}.");
        return new SummaryComparison(words, differences);
    }

    /// <summary>The share of a kernel of NCCL is said once, by its collective.</summary>
    private static bool IsSaidByCollective(SummaryDifference difference) =>
        difference is { Section: "kernels", Measure: DifferenceMeasures.KernelShareRatio } && difference.Name.StartsWith("nccl", StringComparison.OrdinalIgnoreCase);
}

/// <summary>One difference.</summary>
/// <param name="Section">Where it is from, a field of <see cref="ProfilerSummary"/> as JSON names it.</param>
/// <param name="Name">What differs: a kernel, a collective, a kind of copies, a metric.</param>
/// <param name="Measure">Which of its numbers: one of <see cref="DifferenceMeasures"/>.</param>
/// <param name="Before">The first; null where it was not among what was kept.</param>
/// <param name="After">The second; null where it was not among what was kept.</param>
/// <param name="Effect">How much it matters, 0 to 1: as far as can be said, the part of the time that it makes.</param>
public sealed record SummaryDifference(string Section, string Name, string Measure, double? Before, double? After, double Effect)
{
    /// <summary>The difference as a sentence.</summary>
    /// <param name="beforeWords">How to call the first of the two.</param>
    public string Sentence(string beforeWords)
    {
        var (subject, after) = Measure switch
        {
            DifferenceMeasures.KernelShareRatio => ($"{Name}{(Section is "nccl" ? " kernels" : "")} took", Said(After) + " of the kernels' time"),
            DifferenceMeasures.WindowRatio when Section is "gpus" => ($"{Name} worked", Said(After) + " of the window"),
            DifferenceMeasures.WindowRatio when Section is "nccl" => ("Nothing but NCCL ran for", Said(After) + " of the window"),
            DifferenceMeasures.WindowRatio => ($"{Name}{(Section is "copies" ? " copies" : "")} took", Said(After) + " of the window"),
            DifferenceMeasures.MeanSeconds => ($"{Name} took", Said(After) + " each"),
            _ => ($"{Name} was", Said(After)),
        };
        // Names of kernels and metrics are as they are; the rest begins as a sentence does.
        if (Section is "steps" || subject.StartsWith("the ", StringComparison.Ordinal)) subject = char.ToUpperInvariant(subject[0]) + subject[1..];
        return $"{subject} {after}, {Said(Before)} {beforeWords}.";
    }

    /// <summary>A value of the difference as people read it.</summary>
    public string Said(double? value) => value is not { } number ? "less than could be kept" : Measure switch
    {
        DifferenceMeasures.KernelShareRatio or DifferenceMeasures.WindowRatio or DifferenceMeasures.Ratio => Percent(number),
        DifferenceMeasures.MeanSeconds or DifferenceMeasures.LongestSeconds => Seconds(number),
        DifferenceMeasures.BytesPerSecond => Bytes(number) + " a second",
        DifferenceMeasures.Percent => Percent(number / 100),
        _ => Plain(number),
    };
}

/// <summary>What the numbers of a difference are; never renamed.</summary>
public static class DifferenceMeasures
{
    /// <summary>Part of the summed time of all kernels.</summary>
    public const string KernelShareRatio = "kernel_share_ratio";

    /// <summary>Part of the window; above 1 where it ran side by side.</summary>
    public const string WindowRatio = "window_ratio";
    public const string Ratio = "ratio";
    public const string MeanSeconds = "mean_seconds";
    public const string LongestSeconds = "longest_seconds";
    public const string BytesPerSecond = "bytes_per_second";
    public const string Percent = "percent";

    /// <summary>A metric in its own unit.</summary>
    public const string Value = "value";
}
