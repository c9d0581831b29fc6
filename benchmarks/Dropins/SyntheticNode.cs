using System.Diagnostics.Metrics;
using System.Globalization;

namespace Monitoring.Benchmarks.Dropins;

/// <summary>Instruments of the size that a node's page is budgeted for: 16 GPUs with 250 series each, in 90 families with six labels.</summary>
internal sealed class SyntheticNode : IDisposable
{
    internal const string MeterName = "Monitoring.Benchmarks.SyntheticNode";
    internal const int SeriesCount = Gpus * SeriesPerGpu;

    private const int Gpus = 16;
    private const int SeriesPerGpu = 250;
    private const int Families = 90;

    private readonly Meter _meter = new(MeterName);
    private int _round;

    internal SyntheticNode()
    {
        for (int family = 0; family < Families; family++)
        {
            // 250 = 90 * 2 + 70: the first 70 families have three series per GPU, the others two.
            int perGpu = (SeriesPerGpu / Families) + (family < SeriesPerGpu % Families ? 1 : 0);
            Create(family, CreateTags(perGpu));
        }
    }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?>[][] CreateTags(int perGpu) =>
    [
        .. from gpu in Enumerable.Range(0, Gpus)
           from part in Enumerable.Range(0, perGpu)
           select new KeyValuePair<string, object?>[]
           {
               new("cluster", "training-east"),
               new("component", part.ToString(CultureInfo.InvariantCulture)),
               new("gpu", gpu.ToString(CultureInfo.InvariantCulture)),
               new("location", "register_file"),
               new("node", "node-0001.training-east.example"),
               new("uuid", string.Create(CultureInfo.InvariantCulture, $"GPU-12345678-9abc-def0-1234-{gpu:x12}")),
           },
    ];

    private void Create(int family, KeyValuePair<string, object?>[][] tags)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"gpu.synthetic{family}");
        const string Description = "A synthetic quantity of a GPU with a help text of usual length.";
        // As on a real page: mostly gauges with fractions, some whole byte counts and some counters.
        _ = (family % 3) switch
        {
            0 => (Instrument)_meter.CreateObservableGauge(name, () => Observe(tags, index => 0.123456789 * (index + _round)), "Cel", Description),
            1 => _meter.CreateObservableGauge(name, () => Observe(tags, index => 81920L * 1024 * (index + _round)), "By", Description),
            _ => _meter.CreateObservableCounter(name, () => Observe(tags, index => 1000.5 * (index + _round)), "J", Description),
        };
        _round = (_round + 1) & 0xffff;
    }

    private static IEnumerable<Measurement<T>> Observe<T>(KeyValuePair<string, object?>[][] tags, Func<int, T> value) where T : struct
    {
        for (int i = 0; i < tags.Length; i++)
            yield return new(value(i), tags[i]);
    }
}
