using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>
/// What a client talks to: a server on a free port of loopback that lets a plan of faults happen to bulk requests before, in place of and
/// after what the fake or a real server behind it does.
/// </summary>
internal sealed class FaultyFront : IAsyncDisposable
{
    // Beyond this the oldest are forgotten: a long run makes hundreds of thousands.
    private const int RequestsKept = 2000;

    private readonly ConcurrentQueue<SeenRequest> _seen = new();
    private readonly IServerBackend _backend;
    private WebApplication? _app;
    private long _bulkRequests;

    private FaultyFront(IServerBackend backend) => _backend = backend;

    internal Uri Address { get; private set; } = null!;

    /// <summary>What goes wrong from now on.</summary>
    internal IFaultPlan Plan { get; set; } = new NoFaults();

    /// <summary>Longest body, unpacked, as <c>http.max_content_length</c>; null for no limit.</summary>
    internal long? MaxContentLength { get; set; }

    /// <summary>Values of Authorization that are taken; null where none is asked for.</summary>
    internal IReadOnlySet<string>? Authorizations { get; set; }

    /// <summary>How many more PUTs are taken before the server is gone for them; null for all.</summary>
    internal int? PutsLeft { get; set; }

    /// <summary>The latest requests, oldest first.</summary>
    internal IReadOnlyList<SeenRequest> Seen => [.. _seen];

    internal long BulkRequests => Interlocked.Read(ref _bulkRequests);

    internal static async Task<FaultyFront> StartAsync(IServerBackend backend)
    {
        var front = new FaultyFront(backend);
        await front.ListenAsync(port: 0);
        return front;
    }

    /// <summary>Nothing listens at the address any more, until <see cref="ResumeAsync"/>.</summary>
    internal async Task PauseAsync()
    {
        if (_app is null) return;
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _app = null;
    }

    /// <summary>Listens at the same address again.</summary>
    internal Task ResumeAsync() => ListenAsync(Address.Port);

    public async ValueTask DisposeAsync()
    {
        await PauseAsync();
        await _backend.DisposeAsync();
    }

    private async Task ListenAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Limits.MaxRequestBodySize = null;
            options.AddServerHeader = false;
            options.Listen(IPAddress.Loopback, port, static listen => listen.Protocols = HttpProtocols.Http1);
        });
        _app = builder.Build();
        _app.Run(HandleAsync);
        await _app.StartAsync();
        Address = new Uri(_app.Urls.Single());
    }

    private async Task HandleAsync(HttpContext context)
    {
        try
        {
            await HandleRequestAsync(context);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            // The server behind, or the client, is gone: a client sees its connection end.
            context.Abort();
        }
    }

    private async Task HandleRequestAsync(HttpContext context)
    {
        var request = await ReadAsync(context.Request);
        if (request.IsBulk) Interlocked.Increment(ref _bulkRequests);
        var refusal = Authorizations is not null && !Authorizations.Contains(request.Authorization ?? "") ? AccessAnswers.Unauthorized(request.Path)
            : request.Body.Length > MaxContentLength ? new ServerAnswer(413, null, default)
            : request.Method == "PUT" && PutsLeft is { } left && (PutsLeft = left - 1) < 0 ? RequestFault.ServiceUnavailable.Answer
            : null;
        if (refusal is not null)
            await WriteAsync(context, request, refusal, request.IsBulk ? BulkBody.Read(request, _backend.Flavour).Actions.Count : 0);
        else if (request.IsBulk)
            await HandleBulkAsync(context, request);
        else
            await WriteAsync(context, request, await _backend.AnswerAsync(request, context.RequestAborted), 0);
    }

    private async Task HandleBulkAsync(HttpContext context, ServerRequest request)
    {
        var (actions, _) = BulkBody.Read(request, _backend.Flavour);
        var fault = Plan.OfRequest(request, actions);
        switch (fault?.Kind)
        {
            case RequestFaultKind.Refuse:
                await WriteAsync(context, request, fault.Answer!, actions.Count);
                return;
            case RequestFaultKind.CutBeforeStoring:
                Note(request, actions.Count, 0);
                context.Abort();
                return;
            case RequestFaultKind.SilenceBeforeStoring:
                Note(request, actions.Count, 0);
                await SilenceAsync(context);
                return;
        }

        // What was asked is done whether or not the client still listens, as in a real server.
        var answer = await FaultyItems.AnswerAsync(_backend, request, actions, Plan);
        switch (fault?.Kind)
        {
            case RequestFaultKind.RefuseAfterStoring:
                answer = fault.Answer!;
                break;
            case RequestFaultKind.CutAfterStoring:
                Note(request, actions.Count, 0);
                context.Abort();
                return;
            case RequestFaultKind.SilenceAfterStoring:
                Note(request, actions.Count, 0);
                await SilenceAsync(context);
                return;
            case RequestFaultKind.TruncatedJson:
                answer = answer with { Body = answer.Body[..(answer.Body.Length / 2)] };
                break;
            case RequestFaultKind.OneItemLess or RequestFaultKind.OneItemMore:
                answer = FaultyItems.WithItems(answer, fault.Kind);
                break;
        }

        await WriteAsync(context, request, answer, actions.Count, isCut: fault?.Kind == RequestFaultKind.TruncatedTransfer);
    }

    private static async Task<ServerRequest> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        var isCompressed = string.Equals(request.Headers.ContentEncoding, "gzip", StringComparison.OrdinalIgnoreCase);
        if (isCompressed)
        {
            await using var unpacked = new GZipStream(request.Body, CompressionMode.Decompress);
            await unpacked.CopyToAsync(body, request.HttpContext.RequestAborted);
        }
        else
        {
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        }

        return new ServerRequest(request.Method, request.Path.Value ?? "/", request.Query.ToDictionary(static one => one.Key, static one => one.Value.ToString(), StringComparer.Ordinal),
            request.ContentType, request.Headers.Authorization.Count > 0 ? request.Headers.Authorization.ToString() : null, isCompressed, body.ToArray());
    }

    private async Task WriteAsync(HttpContext context, ServerRequest request, ServerAnswer answer, int documents, bool isCut = false)
    {
        Note(request, documents, answer.Status);
        context.Response.StatusCode = answer.Status;
        if (answer.ContentType is not null) context.Response.ContentType = answer.ContentType;
        foreach (var (name, value) in answer.Headers.Concat(_backend.Flavour.Headers)) context.Response.Headers.Append(name, value);
        context.Response.ContentLength = answer.Body.Length;
        if (HttpMethods.IsHead(request.Method)) return;
        await context.Response.Body.WriteAsync(isCut ? answer.Body[..(answer.Body.Length / 2)] : answer.Body);
        if (!isCut) return;
        await context.Response.Body.FlushAsync();
        context.Abort();
    }

    private void Note(ServerRequest request, int documents, int status)
    {
        _seen.Enqueue(new SeenRequest(request.Method, request.Path, request.ContentType, request.Authorization, request.WasCompressed, request.Body.Length, documents, status));
        while (_seen.Count > RequestsKept) _seen.TryDequeue(out _);
    }

    private static async Task SilenceAsync(HttpContext context)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = context.RequestAborted.Register(gone.SetResult);
        await gone.Task;
        context.Abort();
    }
}

/// <summary>A request that was answered.</summary>
/// <param name="Method">Of HTTP.</param>
/// <param name="Path">Without the query.</param>
/// <param name="ContentType">As sent.</param>
/// <param name="Authorization">As sent.</param>
/// <param name="WasCompressed">Whether the body came packed.</param>
/// <param name="Bytes">Of the body, unpacked.</param>
/// <param name="Documents">Of a bulk request.</param>
/// <param name="Status">Of the answer; 0 where there was none.</param>
internal sealed record SeenRequest(string Method, string Path, string? ContentType, string? Authorization, bool WasCompressed, int Bytes, int Documents, int Status);
