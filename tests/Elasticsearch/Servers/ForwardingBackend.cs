using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>Hands requests on to a real server.</summary>
/// <param name="address">Where it listens.</param>
/// <param name="flavour">What it is.</param>
internal sealed class ForwardingBackend(Uri address, ServerFlavour flavour) : IServerBackend
{
    private const int PageSize = 5000;

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromMinutes(2) };

    public ServerFlavour Flavour { get; } = flavour;

    /// <summary>Asks a server what it is.</summary>
    internal static async Task<ForwardingBackend> ToAsync(Uri address)
    {
        using var http = new HttpClient();
        var version = JsonNode.Parse(await http.GetStringAsync(address))!["version"]!;
        return new ForwardingBackend(address, new ServerFlavour(version["distribution"]?.ToString() == "opensearch" ? "OpenSearch" : "Elasticsearch", version["number"]!.ToString()));
    }

    /// <summary>Hands a request on; a server that is gone shows as a connection that ends, which is what a client of its own would see.</summary>
    /// <exception cref="HttpRequestException">It is gone.</exception>
    public async Task<ServerAnswer> AnswerAsync(ServerRequest request, CancellationToken cancellationToken)
    {
        var query = string.Join('&', request.Query.Select(static one => $"{Uri.EscapeDataString(one.Key)}={Uri.EscapeDataString(one.Value)}"));
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(address, request.Path + (query is "" ? "" : "?" + query)));
        if (request.Body.Length > 0 || request.ContentType is not null)
        {
            message.Content = new ByteArrayContent(request.Body);
            if (request.ContentType is not null) message.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
        }

        using var answer = await _http.SendAsync(message, cancellationToken);
        var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        return new ServerAnswer((int)answer.StatusCode, answer.Content.Headers.ContentType?.ToString(), body);
    }

    public async IAsyncEnumerable<StoredDocument> ReadAllAsync(string pattern)
    {
        await AskAsync("POST", $"/{pattern}/_refresh", null);
        var page = await AskAsync("POST", $"/{pattern}/_search?scroll=1m", $$$"""{"size":{{{PageSize}}},"version":true,"sort":["_doc"],"query":{"match_all":{} } }""");
        while (page.GetProperty("hits").GetProperty("hits") is { } hits && hits.GetArrayLength() > 0)
        {
            foreach (var hit in hits.EnumerateArray())
                yield return new StoredDocument(hit.GetProperty("_index").GetString()!, hit.GetProperty("_id").GetString()!, hit.GetProperty("_version").GetInt64(), Encoding.UTF8.GetBytes(hit.GetProperty("_source").GetRawText()));
            page = await AskAsync("POST", "/_search/scroll", new JsonObject { ["scroll"] = "1m", ["scroll_id"] = page.GetProperty("_scroll_id").GetString() }.ToJsonString());
        }
    }

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<JsonElement> AskAsync(string method, string path, string? body)
    {
        using var message = new HttpRequestMessage(new HttpMethod(method), new Uri(address, path));
        if (body is not null) message.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _http.SendAsync(message);
        answer.EnsureSuccessStatusCode();
        using var document = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
        return document.RootElement.Clone();
    }
}
