namespace Monitoring.Agent.Sampling;

/// <summary>One value of a node metric.</summary>
/// <param name="Value">In the metric's base unit.</param>
/// <param name="Labels">Values of its labels, in the order of <see cref="Metric.LabelNames"/>.</param>
internal readonly record struct NodeReading(double Value, params string[] Labels);

/// <summary>Who answers for each node metric: a stage registers what it knows; exposition asks.</summary>
internal sealed class NodeReadings
{
    private readonly Dictionary<NodeMetric, Func<IEnumerable<NodeReading>>> readers = new(ReferenceEqualityComparer.Instance);

    /// <summary>Registers a reader; of a metric with labels, such as one of every outgoing pipe, several may each know their own series.</summary>
    internal void Add(NodeMetric metric, Func<IEnumerable<NodeReading>> read) =>
        readers[metric] = readers.TryGetValue(metric, out var others) ? () => others().Concat(read()) : read;

    /// <summary>Registers a reader of a single, unlabelled value.</summary>
    internal void Add(NodeMetric metric, Func<double> read) => readers.Add(metric, () => [new NodeReading(read())]);

    /// <summary>True where a stage answers for the metric.</summary>
    internal bool Has(NodeMetric metric) => readers.ContainsKey(metric);

    /// <summary>The values of a metric now; none where nobody answers for it.</summary>
    internal IEnumerable<NodeReading> Read(NodeMetric metric) => readers.TryGetValue(metric, out var read) ? read() : [];
}
