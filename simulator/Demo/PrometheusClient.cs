using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Monitoring.Simulator.Demo;

/// <summary>Instant queries of Prometheus' HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/).</summary>
internal sealed class PrometheusClient(HttpClient http, string address)
{
    /// <summary>The labels of every series in the result; empty where there is none.</summary>
    public async Task<IReadOnlyList<IReadOnlyDictionary<string, string>>> LabelsAsync(string query, CancellationToken cancellationToken)
    {
        var answer = await http.GetFromJsonAsync(
            new Uri($"http://{address}/api/v1/query?query={Uri.EscapeDataString(query)}"),
            PrometheusJson.Default.PrometheusAnswer,
            cancellationToken);
        return answer?.Data?.Result.Select(series => (IReadOnlyDictionary<string, string>)series.Metric).ToArray()
            ?? throw new DemoFailedException($"Prometheus answered the query {query} without a result");
    }
}

internal sealed record PrometheusAnswer(string Status, PrometheusData? Data);

internal sealed record PrometheusData(PrometheusSeries[] Result);

internal sealed record PrometheusSeries(Dictionary<string, string> Metric);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PrometheusAnswer))]
internal sealed partial class PrometheusJson : JsonSerializerContext;
