using Monitoring.Agent.Detection.Rules;

namespace Monitoring.Benchmarks.Agent.Detection.Rules;

/// <summary>What a rule engine without windows of its own would do: keep the samples, and look at all of a window's at every frame.</summary>
internal sealed class SampleRules(IReadOnlyList<RuleDefinition> rules, int gpus, int kept)
{
    private const double FramesPerSecond = 10;

    private readonly double[][][] frames = [.. Enumerable.Range(0, gpus).Select(_ => new double[kept][])];
    private readonly int[] next = new int[gpus];

    /// <summary>Keeps a frame in the place of the oldest.</summary>
    internal void Keep(int gpu, ReadOnlySpan<double> values)
    {
        values.CopyTo(frames[gpu][next[gpu]] ??= new double[values.Length]);
        next[gpu] = (next[gpu] + 1) % kept;
    }

    /// <summary>How many rules hold.</summary>
    internal int Count(int gpu)
    {
        var count = 0;
        foreach (var rule in rules)
            if (Holds(rule.Trigger, gpu)) count++;
        return count;
    }

    private bool Holds(TriggerDefinition trigger, int gpu) => trigger switch
    {
        ThresholdTrigger t => Compare(t.Comparison, Latest(gpu, t.Series), Bound(gpu, t.Bound)),
        WindowTrigger t => Compare(t.Comparison, Sum(gpu, t.Series, t.Window, static value => value) / (t.Window.TotalSeconds * FramesPerSecond), t.Bound.Number),
        RateTrigger t => Compare(t.Comparison, Growth(gpu, t.Series, t.Window) / t.Window.TotalSeconds, t.Bound.Number),
        IncreaseTrigger t => Compare(t.Comparison, Growth(gpu, t.Series, t.Window), t.Bound.Number),
        TimeShareTrigger t => Compare(t.Comparison, Sum(gpu, t.Series, t.Window, value => Compare(t.While, value, t.Value) ? 1 : 0) / (t.Window.TotalSeconds * FramesPerSecond), t.Share),
        HistoryTrigger t => IsFarFromHistory(t, gpu),
        PeerTrigger t => IsBehind(t, gpu),
        AllTrigger t => t.Parts.All(part => Holds(part, gpu)),
        NotTrigger t => !Holds(t.Part, gpu),
        _ => false,
    };

    private double Latest(int gpu, SeriesSelector series) => At(gpu, 0)[Place(series)];

    private double Bound(int gpu, Bound bound) => bound.Series is null ? bound.Number : Latest(gpu, bound.Series) * bound.Factor + bound.Offset;

    private double[] At(int gpu, int back) => frames[gpu][(next[gpu] - 1 - back + 2 * kept) % kept];

    private double Sum(int gpu, SeriesSelector series, TimeSpan window, Func<double, double> of)
    {
        var (sum, place) = (0.0, Place(series));
        for (var back = 0; back < window.TotalSeconds * FramesPerSecond; back++) sum += of(At(gpu, back)[place]);
        return sum;
    }

    private double Growth(int gpu, SeriesSelector series, TimeSpan window)
    {
        var (sum, place) = (0.0, Place(series));
        for (var back = 0; back < window.TotalSeconds * FramesPerSecond - 1; back++) sum += At(gpu, back)[place] - At(gpu, back + 1)[place];
        return sum;
    }

    private bool IsFarFromHistory(HistoryTrigger trigger, int gpu)
    {
        var place = Place(trigger.Series);
        var past = new double[(int)(trigger.Window.TotalSeconds * FramesPerSecond)];
        for (var back = 0; back < past.Length; back++) past[back] = At(gpu, back)[place];
        Array.Sort(past);
        var median = past[past.Length / 2];
        for (var i = 0; i < past.Length; i++) past[i] = Math.Abs(past[i] - median);
        Array.Sort(past);
        return Latest(gpu, trigger.Series) - median > Math.Max(trigger.AtLeast, trigger.Scores * 1.4826 * past[past.Length / 2]);
    }

    private bool IsBehind(PeerTrigger trigger, int gpu)
    {
        var others = Enumerable.Range(0, gpus).Where(other => other != gpu && (trigger.While is null || Holds(trigger.While, other))).Select(other => Latest(other, trigger.Series)).Order().ToArray();
        return others.Length >= trigger.Peers && Latest(gpu, trigger.Series) < trigger.Ratio * others[others.Length / 2];
    }

    private static bool Compare(Comparison comparison, double value, double bound) => comparison == Comparison.Above ? value > bound : value < bound;

    private static int Place(SeriesSelector selector)
    {
        for (var i = 0; i < RuleSet.Layout.Series.Count; i++)
            if (RuleSet.Layout.Series[i].Metric == selector.Metric && selector.Matchers.All(matcher => RuleSet.Layout.Series[i].Labels.Any(label => label.Value == matcher.Value))) return i;
        throw new InvalidOperationException($"{selector.Metric} is not in the frames.");
    }
}
