using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;

namespace Monitoring.Elasticsearch.Connection;

/// <summary>
/// Requests to one cluster over several nodes, with credentials and certificates as they are set. A node that fails rests and another is
/// asked; what may have been done already is asked again only where that is harmless. Any thread may use it.
/// </summary>
public sealed partial class ElasticsearchClient : IDisposable
{
    /// <summary>Answers to what is asked here are smaller; a longer one is not kept in memory.</summary>
    internal const int ReplyBytesAtMost = 32 << 20;

    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(5);

    private readonly HttpClient http;
    private readonly ClusterNodes nodes;
    private readonly TimeSpan timeout;
    private readonly TimeProvider time;
    private readonly ILogger logger;

    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <param name="settings">Addresses and credentials; those that <see cref="ElasticsearchConnectionSettings.Check"/> finds wrong are refused.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears of nodes that fail and come back.</param>
    /// <param name="handler">In place of the network, for tests; not disposed.</param>
    /// <exception cref="ArgumentException">A setting is wrong: which, its value and what is expected.</exception>
    public ElasticsearchClient(ElasticsearchConnectionSettings settings, TimeProvider time, ILogger logger, HttpMessageHandler? handler = null)
        : this(settings, time, logger, handler, Random.Shared.NextDouble)
    {
    }

    internal ElasticsearchClient(ElasticsearchConnectionSettings settings, TimeProvider time, ILogger logger, HttpMessageHandler? handler, Func<double> random)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Urls.Count == 0) throw new ArgumentException("urls is empty, expected at least one address such as https://search-1.example:9200");
        if (settings.Check().ToList() is { Count: > 0 } wrong) throw new ArgumentException(string.Join("; ", wrong.Select(static fault => $"{fault.Key}: expected {fault.Expected}")));
        this.time = time;
        this.logger = logger;
        timeout = settings.RequestTimeout;
        nodes = new ClusterNodes(settings.Urls, new RetryPauses(settings.RetryPause, settings.RetryPauseMax, random), time);
        http = new HttpClient(handler ?? NodeHandler.Create(settings), disposeHandler: handler is null) { Timeout = Timeout.InfiniteTimeSpan }; // each request has a deadline by the given clock
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("gpu-monitoring", typeof(ElasticsearchClient).Assembly.GetName().Version?.ToString(3)));
        http.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        http.DefaultRequestHeaders.Authorization = Credentials.Header(settings);
    }

    /// <summary>Nodes that rest after a failure.</summary>
    public int RestingNodes => nodes.Resting;

    /// <summary>Finds out what answers.</summary>
    /// <exception cref="ElasticsearchUnreachableException">No node answered.</exception>
    /// <exception cref="InvalidDataException">What answers is neither Elasticsearch nor OpenSearch, or refuses: in words.</exception>
    public async Task<ElasticsearchServer> DetectAsync(CancellationToken cancellationToken)
    {
        var reply = await GetAsync("", cancellationToken).ConfigureAwait(false);
        if (reply.Status is 401 or 403)
            throw new InvalidDataException($"{reply.Node} refuses the credentials: {reply.Describe()}. Set api_key, or user and password, to what may create documents and index templates there.");
        return ElasticsearchServer.Read(reply)
            ?? throw new InvalidDataException($"{reply.Node} answers GET / with {reply.Describe()}; expected what Elasticsearch or OpenSearch say. Are urls the addresses of its HTTP port?");
    }

    /// <summary>Asks for a resource.</summary>
    /// <exception cref="ElasticsearchUnreachableException">No node answered.</exception>
    public Task<ElasticsearchReply> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, default, cancellationToken);

    /// <summary>Asks whether a resource is there.</summary>
    /// <exception cref="ElasticsearchUnreachableException">No node answered.</exception>
    public Task<ElasticsearchReply> HeadAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Head, path, default, cancellationToken);

    /// <summary>Puts a resource in place.</summary>
    /// <exception cref="ElasticsearchUnreachableException">No node answered; one may have done it.</exception>
    public Task<ElasticsearchReply> PutAsync(string path, ReadOnlyMemory<byte> json, CancellationToken cancellationToken) => SendAsync(HttpMethod.Put, path, json, cancellationToken);

    /// <summary>Deletes a resource.</summary>
    /// <exception cref="ElasticsearchUnreachableException">No node answered; one may have done it.</exception>
    public Task<ElasticsearchReply> DeleteAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Delete, path, default, cancellationToken);

    /// <summary>Asks for something to be done or searched. Another node is asked only where the first cannot have heard of it.</summary>
    /// <exception cref="ElasticsearchUnreachableException">No node answered; one may have done it.</exception>
    public Task<ElasticsearchReply> PostAsync(string path, ReadOnlyMemory<byte> json, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, json, cancellationToken);

    /// <summary>Sends a request with a body of JSON; an empty one sends none. Every status that a node answers is given back.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Path and query below the address, escaped, with or without a slash before it.</param>
    /// <param name="json">The body.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="ElasticsearchUnreachableException">No node answered.</exception>
    public Task<ElasticsearchReply> SendAsync(HttpMethod method, string path, ReadOnlyMemory<byte> json, CancellationToken cancellationToken) =>
        SendAsync(method, path, json.IsEmpty ? null : () => JsonContent(json), mayRepeat: method != HttpMethod.Post, cancellationToken);

    /// <summary>Sends a request to one node after the other until one answers with more than that it cannot now.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Path and query below the address.</param>
    /// <param name="content">Makes the body, once for each node; null for none.</param>
    /// <param name="mayRepeat">Whether a request that may have been carried out may be sent again.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    internal async Task<ElasticsearchReply> SendAsync(HttpMethod method, string path, Func<HttpContent>? content, bool mayRepeat, CancellationToken cancellationToken)
    {
        var tried = new List<ClusterNode>(nodes.Count);
        var failures = new List<string>();
        ElasticsearchReply? busy = null;
        ElasticsearchUnreachableException? failure = null;
        while (nodes.Next(tried) is { } node)
        {
            tried.Add(node);
            try
            {
                var reply = await AskAsync(node, method, path, content, cancellationToken).ConfigureAwait(false);
                if (reply.Status is not (502 or 503 or 504))
                {
                    Succeeded(node);
                    return reply;
                }
                busy = reply;
                Failed(node, reply.Describe());
                if (!mayRepeat) return reply;
            }
            catch (ElasticsearchUnreachableException fault)
            {
                Failed(node, fault.Message);
                failures.Add($"{node.Address}: {fault.Message}");
                failure = fault;
                if (!mayRepeat && fault.Reason != NodeFailure.Unreachable) break;
            }
        }
        return busy ?? throw new ElasticsearchUnreachableException(string.Join("; ", failures), failure?.Reason ?? NodeFailure.Unreachable, failure);
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private async Task<ElasticsearchReply> AskAsync(ClusterNode node, HttpMethod method, string path, Func<HttpContent>? content, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var request = new HttpRequestMessage(method, new Uri(node.Address.AbsoluteUri + path.TrimStart('/')));
        request.Content = content?.Invoke();
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            var body = method == HttpMethod.Head ? default : await ReplyBody.ReadAsync(response.Content, ReplyBytesAtMost, either.Token).ConfigureAwait(false);
            return new ElasticsearchReply((int)response.StatusCode, body, node.Address, RetryAfter(response.Headers.RetryAfter));
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested && fault is HttpRequestException or IOException or OperationCanceledException)
        {
            throw NodeFailure.Of(fault, timeout);
        }
    }

    private static ByteArrayContent JsonContent(ReadOnlyMemory<byte> json) =>
        new(json.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header) =>
        header is null ? null : header.Delta ?? (header.Date is { } date && date - time.GetUtcNow() is var left && left > TimeSpan.Zero ? left : null);

    private void Failed(ClusterNode node, string why)
    {
        nodes.Failed(node);
        // With one node the sender says the same; one that fails now and then is not told each time.
        if (nodes.Count == 1 || node.IsTold || (node.ToldAt is { } at && time.GetElapsedTime(at) < Silence)) return;
        (node.IsTold, node.ToldAt) = (true, time.GetTimestamp());
        LogNodeFails(node.Address, why);
    }

    private void Succeeded(ClusterNode node)
    {
        nodes.Succeeded(node);
        if (!node.IsTold) return;
        node.IsTold = false;
        LogNodeIsBack(node.Address);
    }

    [LoggerMessage(EventId = 6000, Level = LogLevel.Warning, Message = "{Node} fails: {Why}. It rests, and the other nodes are asked.")]
    private partial void LogNodeFails(Uri node, string why);

    [LoggerMessage(EventId = 6001, Level = LogLevel.Information, Message = "{Node} answers again.")]
    private partial void LogNodeIsBack(Uri node);
}
