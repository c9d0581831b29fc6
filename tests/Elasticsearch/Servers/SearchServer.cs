using System.Text;
using System.Text.Json.Nodes;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>A server under test behind a front that can fail, with what tests ask of it.</summary>
internal sealed class SearchServer : IAsyncDisposable
{
    private readonly IServerBackend _backend;
    private readonly RealOpenSearch? _process;
    private readonly HttpClient _http;

    private SearchServer(IServerBackend backend, FaultyFront front, RealOpenSearch? process)
    {
        (_backend, Front, _process) = (backend, front, process);
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = front.Address };
    }

    /// <summary>What clients talk to.</summary>
    internal FaultyFront Front { get; }

    internal Uri Address => Front.Address;

    internal ServerFlavour Flavour => _backend.Flavour;

    /// <summary>The process behind it; null for the fake and for a server that was named.</summary>
    internal RealOpenSearch? Process => _process;

    /// <summary>The fake, as one of the products.</summary>
    internal static async Task<SearchServer> FakeAsync(ServerFlavour flavour, bool hasStateManagement = true)
    {
        var backend = new FakeCluster(flavour) { HasStateManagement = hasStateManagement };
        return new SearchServer(backend, await FaultyFront.StartAsync(backend), null);
    }

    /// <summary>The real OpenSearch with settings of its own.</summary>
    internal static async Task<SearchServer> RealAsync(params string[] settings)
    {
        var process = await RealOpenSearch.StartAsync(settings);
        return await OverAsync(process.Address, process);
    }

    /// <summary>Any server.</summary>
    internal static async Task<SearchServer> OverAsync(Uri address, RealOpenSearch? process = null)
    {
        var backend = await ForwardingBackend.ToAsync(address);
        return new SearchServer(backend, await FaultyFront.StartAsync(backend), process);
    }

    /// <summary>Another front for the same server, with faults of its own.</summary>
    internal async Task<SearchServer> WithFrontOfItsOwnAsync() => new(_backend, await FaultyFront.StartAsync(new Borrowed(_backend)), null);

    /// <summary>Sends a request.</summary>
    /// <returns>Its status and what was answered; null where that was nothing.</returns>
    internal async Task<(int Status, JsonNode? Body)> AskAsync(string method, string path, string? body = null, string contentType = "application/json")
    {
        var (status, text, _) = await AskTextAsync(method, path, body, contentType);
        return (status, text is "" ? null : JsonNode.Parse(text));
    }

    /// <summary>Sends a request and gives the answer as it came.</summary>
    internal async Task<(int Status, string Body, string? ContentType)> AskTextAsync(string method, string path, string? body, string? contentType)
    {
        using var message = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        if (body is not null)
        {
            message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (contentType is not null) message.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        using var answer = await _http.SendAsync(message);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Content.Headers.ContentType?.ToString());
    }

    /// <summary>Sends a request that is to succeed.</summary>
    internal async Task<JsonNode> DoAsync(string method, string path, string? body = null)
    {
        var (status, answer) = await AskAsync(method, path, body);
        if (status is < 200 or > 299) throw new InvalidOperationException($"{method} {path} was answered with {status}: {answer}");
        return answer!;
    }

    /// <summary>Every document of the indices that a pattern names.</summary>
    internal async Task<List<StoredDocument>> ReadAllAsync(string pattern)
    {
        List<StoredDocument> documents = [];
        await foreach (var document in _backend.ReadAllAsync(pattern)) documents.Add(document);
        return documents;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Front.DisposeAsync();
        if (_process is not null) await _process.DisposeAsync();
    }

    /// <summary>A backend that another front owns.</summary>
    private sealed class Borrowed(IServerBackend backend) : IServerBackend
    {
        public ServerFlavour Flavour => backend.Flavour;

        public Task<ServerAnswer> AnswerAsync(ServerRequest request, CancellationToken cancellationToken) => backend.AnswerAsync(request, cancellationToken);

        public IAsyncEnumerable<StoredDocument> ReadAllAsync(string pattern) => backend.ReadAllAsync(pattern);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
