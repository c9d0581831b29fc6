using Monitoring.Agent.Sampling;
using Monitoring.Simulator.Demo;
using Monitoring.Tests.Collector.Events;
using Monitoring.Tests.Collector.Search;
using Monitoring.Tests.Contracts.Otlp;
using Monitoring.Tests.Dashboards.Promql;

namespace Monitoring.Tests.Dashboards;

/// <summary>Every metric that a dashboard or a rule may ask for, with its labels: the agent's, the collector's own, recorded ones, Prometheus' own.</summary>
internal static class ExportedMetrics
{
    /// <summary>What MIG instances have beside the labels of their GPU.</summary>
    private static readonly string[] InstanceLabels = ["mig_profile", "mig_gi", "mig_ci"];

    /// <summary>What each series that is scraped may have from its target: the collector serves one cluster, and who has several names it there.</summary>
    private static readonly string[] TargetLabels = ["job", "instance", "cluster"];

    private static readonly Lazy<Task<IReadOnlyDictionary<string, KnownMetric>>> Made = new(MakeAsync);

    /// <summary>All of them, by name.</summary>
    internal static Task<IReadOnlyDictionary<string, KnownMetric>> AllAsync() => Made.Value;

    /// <summary>Those of the agent.</summary>
    internal static IReadOnlyDictionary<string, KnownMetric> OfAgent { get; } = MetricTable.All.ToDictionary(static metric => metric.Name, static metric =>
    {
        string[] ofGpu = metric is GpuMetric or WindowMetric ? ["gpu", "uuid"] : [];
        string[] ofInstance = metric is GpuMetric { OnMig: true } ? InstanceLabels : [];
        return new KnownMetric(Set(["cluster", "node", .. ofGpu, .. ofInstance, .. metric.LabelNames, .. TargetLabels]), metric.Kind == MetricKind.Counter);
    });

    /// <summary>The collector's own, read off its page after it got, and sent to Elasticsearch, what makes each of its series.</summary>
    internal static async Task<IReadOnlyDictionary<string, KnownMetric>> OfCollectorAsync()
    {
        await using var filled = await FilledServer.StartAsync();
        var now = TimeProvider.System.GetUtcNow();
        var payload = new OtlpPayload { TimeUnixNano = (ulong)now.ToUnixTimeMilliseconds() * 1_000_000 }.Resource(("host.name", "n1"), ("cluster", "lab"));
        byte[] Point(double value, params (string, object)[] more) => payload.Point(value, [("gpu", "0"), ("uuid", "GPU-1"), .. more]);
        payload.Gauge("gpu.info", "", Point(1, ("model", "H100"))).Gauge("gpu.power", "W", Point(1)).Counter("gpu.energy", "J", Point(1)).Gauge("gpu.utilization", "1", Point(1))
            .Gauge("gpu.memory.used", "By", Point(1)).Gauge("gpu.memory.total", "By", Point(1)).Gauge("gpu.throttle.active", "", Point(1, ("reason", "hw_thermal")));
        (await filled.Collector.PushAsync(payload.ToArray())).EnsureSuccessStatusCode();
        await filled.TellAsync(SomeEvent.Record(1) with { Time = now });
        await filled.UntilAsync("event", 1);
        await filled.UntilStatusAsync(static status => status.GetProperty("streams")[0].GetProperty("waiting").GetInt64() == 0);
        return ReadPage(await filled.Collector.GetAsync("/metrics"));
    }

    private static async Task<IReadOnlyDictionary<string, KnownMetric>> MakeAsync()
    {
        var known = new Dictionary<string, KnownMetric>(OfAgent, StringComparer.Ordinal);
        foreach (var (name, metric) in await OfCollectorAsync())
            known[name] = known.TryGetValue(name, out var same) ? same with { Labels = Set([.. same.Labels, .. metric.Labels]) } : metric;
        known["up"] = new KnownMetric(Set(["cluster", "node", .. TargetLabels]));
        known["ALERTS"] = new KnownMetric(Set(["alertname", "alertstate", "severity", "cluster", "node", "gpu"])) { AnyLabel = true };
        var recorded = RuleFile.All.Where(static rule => rule.Record.Length > 0).ToArray();
        var trees = await Expression.ReadAsync([.. recorded.Select(static rule => rule.Expression)]);
        // Rules use what earlier rules record; a second pass serves those that stand before.
        for (var pass = 0; pass < 2; pass++)
            foreach (var (rule, (tree, _)) in recorded.Zip(trees))
                if (tree is not null)
                {
                    string[] before = known.TryGetValue(rule.Record, out var same) ? [.. same.Labels] : [];
                    known[rule.Record] = new KnownMetric(Set([.. before, .. new LabelCheck(known).LabelsOf(tree), .. rule.Labels]));
                }
        return known;
    }

    private static Dictionary<string, KnownMetric> ReadPage(string page)
    {
        var types = page.Split('\n').Where(static line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(static line => line.Split(' ')).ToDictionary(static words => words[2], static words => words[3]);
        var samples = MetricsPage.Read(page);
        return samples.GroupBy(static sample => sample.Name).ToDictionary(
            static series => series.Key,
            series => new KnownMetric(Set([.. series.SelectMany(static sample => sample.Labels.Keys), .. TargetLabels]), types.GetValueOrDefault(series.Key) == "counter"));
    }

    private static HashSet<string> Set(IEnumerable<string> labels) => [.. labels];
}
