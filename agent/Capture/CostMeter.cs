using System.Globalization;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture;

/// <summary>
/// What a recording costs the workload: means over its GPUs before, during and after. Whole GPUs only; a measure that the GPU lacks is
/// left out.
/// </summary>
internal sealed class CostMeter
{
    // Power and utilisation are read on every GPU, the others where there are hardware counters.
    private static readonly string[] Measures = ["gpu_power_watts", "gpu_utilization_ratio", "gpu_tensor_active_ratio", "gpu_sm_active_ratio"];

    // A workload that did almost nothing before has nothing to lose; a board draws a tenth of its power when it idles.
    private const double LeastRatio = 0.1;
    private const double LeastWatts = 100;

    private readonly double[] before;

    /// <param name="before">The windows of before.</param>
    /// <param name="justBefore">Of the last moments of it: what fell already then, fell without the recording. Null looks at the whole alone.</param>
    internal CostMeter(IReadOnlyList<CounterWindow> before, IReadOnlyList<CounterWindow>? justBefore = null) =>
        this.before = [.. Measures.Select(measure => Lower(Mean(before, measure), justBefore is null ? double.NaN : Mean(justBefore, measure)))];

    /// <summary>How much the worst measure fell, 0 to 1; null where nothing can be compared.</summary>
    internal (double Drop, string Measure)? WorstDrop(IReadOnlyList<CounterWindow> now)
    {
        (double Drop, string Measure)? worst = null;
        for (var i = 0; i < Measures.Length; i++)
        {
            if (!(before[i] >= (i == 0 ? LeastWatts : LeastRatio)) || Mean(now, Measures[i]) is not (var mean and >= 0)) continue;
            var drop = Math.Clamp(1 - mean / before[i], 0, 1);
            if (worst is null || drop > worst.Value.Drop) worst = (drop, Measures[i]);
        }
        return worst;
    }

    /// <summary>The cost of a recording that is over; null where no GPU had a value.</summary>
    internal static CaptureCost? Of(IReadOnlyList<CounterWindow> before, IReadOnlyList<CounterWindow> during, IReadOnlyList<CounterWindow> after, bool aborted)
    {
        CostValue[] values =
        [
            .. from measure in Measures
               let value = new CostValue(measure, Null(Mean(before, measure)), Null(Mean(during, measure)), Null(Mean(after, measure)))
               where value is not { Before: null, During: null, After: null }
               select value,
        ];
        return values is [] ? null : new CaptureCost(values, new CostMeter(before).WorstDrop(during) is { } worst ? Null(worst.Drop) : null, aborted);
    }

    /// <summary>The fall in words.</summary>
    internal string Words((double Drop, string Measure) drop) => string.Create(CultureInfo.InvariantCulture, $"{drop.Measure} fell by {drop.Drop:P0} from {before[Array.IndexOf(Measures, drop.Measure)]:0.##}");

    private static double Mean(IReadOnlyList<CounterWindow> windows, string measure)
    {
        var (sum, count) = (0.0, 0L);
        foreach (var window in windows)
        {
            if (window.Instance.Length > 0) continue;
            var column = -1;
            for (var i = 0; i < window.Series.Count && column < 0; i++)
                if (window.Series[i] == measure) column = i;
            if (column < 0) continue;
            foreach (var row in window.Rows)
                if (row.Values[column] is var value && !double.IsNaN(value)) (sum, count) = (sum + value, count + 1);
        }
        return count == 0 ? double.NaN : sum / count;
    }

    private static double Lower(double first, double second) => double.IsNaN(second) ? first : Math.Min(first, second);

    private static double? Null(double value) => double.IsNaN(value) ? null : Math.Round(value, 6);
}
