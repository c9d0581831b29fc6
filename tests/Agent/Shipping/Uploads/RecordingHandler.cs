using System.Net;

namespace Monitoring.Tests.Agent.Shipping.Uploads;

/// <summary>Notes what is sent to a real collector, and breaks the link in the middle of bodies as the test says.</summary>
internal sealed class RecordingHandler() : DelegatingHandler(new SocketsHttpHandler())
{
    /// <summary>Each request: the method, of a PATCH with offset and length.</summary>
    internal List<string> Sent { get; } = [];

    /// <summary>Bytes of a body after which the link breaks.</summary>
    internal long BreakEvery { get; init; } = long.MaxValue;

    /// <summary>How often it breaks.</summary>
    internal int BreaksLeft { get; set; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Sent.Add(request.Method == HttpMethod.Patch ? $"PATCH {request.Headers.GetValues("Upload-Offset").Single()}+{request.Content!.Headers.ContentLength}" : request.Method.Method);
        if (BreaksLeft > 0 && request.Content?.Headers.ContentLength > BreakEvery)
        {
            BreaksLeft--;
            var whole = request.Content;
            request.Content = new BreakingContent(whole, BreakEvery);
        }
        return base.SendAsync(request, cancellationToken);
    }

    private sealed class BreakingContent : HttpContent
    {
        private readonly HttpContent whole;
        private readonly long breakAt;

        internal BreakingContent(HttpContent whole, long breakAt)
        {
            this.whole = whole;
            this.breakAt = breakAt;
            Headers.ContentType = whole.Headers.ContentType;
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var bytes = await whole.ReadAsByteArrayAsync();
            await stream.WriteAsync(bytes.AsMemory(0, (int)breakAt));
            await stream.FlushAsync();
            throw new IOException("the link broke");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = whole.Headers.ContentLength ?? 0;
            return true;
        }
    }
}

/// <summary>A receiver that answers everything alike.</summary>
internal sealed class AnsweringHandler(HttpStatusCode status, string body) : HttpMessageHandler
{
    private int asked;

    internal int Asked => Volatile.Read(ref asked);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref asked);
        return Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body) });
    }
}
