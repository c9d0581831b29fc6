using System.Net;
using System.Text;
using System.Text.Json;
using Monitoring.Contracts.Commands;

namespace Monitoring.Tests.Collector.Commands;

/// <summary>What tests ask of the collector about captures.</summary>
internal static class CommandApi
{
    internal static async Task<(HttpStatusCode Status, CaptureOrderAnswer Answer)> OrderAsync(this HttpClient client, string json, string? key = null)
    {
        using var response = await client.PostOrderAsync(json, key);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, JsonSerializer.Deserialize(text, OrderJson.Readable.CaptureOrderAnswer) ?? throw new InvalidDataException(text));
    }

    internal static async Task<(HttpStatusCode Status, CommandError Error)> WrongOrderAsync(this HttpClient client, string json, string? key = null)
    {
        using var response = await client.PostOrderAsync(json, key);
        return (response.StatusCode, JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(), OrderJson.Readable.CommandError)!);
    }

    internal static async Task<HttpResponseMessage> PostOrderAsync(this HttpClient client, string json, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/captures", UriKind.Relative)) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request);
    }

    internal static async Task<CaptureLeaseAnswer> LeaseAsync(this HttpClient client, CaptureLeaseRequest request)
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request, CommandJson.Default.CaptureLeaseRequest));
        using var response = await client.PostAsync(new Uri("/v1/captures/leases", UriKind.Relative), content);
        response.EnsureSuccessStatusCode();
        return JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(), CommandJson.Default.CaptureLeaseAnswer)!;
    }

    internal static async Task<IReadOnlyList<AuditEntry>> AuditAsync(this HttpClient client, string query = "")
    {
        var text = await client.GetStringAsync(new Uri($"/api/v1/captures/audit?limit=1000{query}", UriKind.Relative));
        return JsonSerializer.Deserialize(text, OrderJson.Readable.AuditPage)!.Entries;
    }

    internal static async Task<CaptureGroup> GroupAsync(this HttpClient client, string group) =>
        JsonSerializer.Deserialize(await client.GetStringAsync(new Uri($"/api/v1/captures/groups/{group}", UriKind.Relative)), OrderJson.Readable.CaptureGroup)!;

    internal static async Task<(HttpStatusCode Status, string Text)> SendAsync(this HttpClient client, HttpMethod method, string path, string? json = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (json is not null) request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        using var response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
