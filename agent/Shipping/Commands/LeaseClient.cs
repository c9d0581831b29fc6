using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Monitoring.Agent.Capture;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;

namespace Monitoring.Agent.Shipping.Commands;

/// <summary>Asks the collector whether the cluster's budget has room; the same question may be asked again.</summary>
internal sealed partial class LeaseClient(CollectorSettings settings, TimeProvider time, ILogger<LeaseClient> logger, HttpMessageHandler? handler = null) : ICaptureLeases, IDisposable
{
    internal const string Path = "/v1/captures/leases";

    private const int Attempts = 2;
    private const int AnswerBytesAtMost = 64 << 10;

    // The moment that the rule saw goes by meanwhile.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly HttpClient client = new(handler ?? new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(2), AllowAutoRedirect = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = AnswerBytesAtMost,
    };

    /// <inheritdoc/>
    public async Task<CaptureLeaseAnswer?> AskAsync(CaptureLeaseRequest request, CancellationToken cancellationToken)
    {
        if (settings.Endpoint is not { } endpoint) return null;
        var url = CollectorAddress.Of(endpoint, Path);
        var body = JsonSerializer.SerializeToUtf8Bytes(request, CommandJson.Default.CaptureLeaseRequest);
        for (var attempt = 1; ; attempt++)
        {
            var (answer, why) = await PostAsync(url, body, cancellationToken).ConfigureAwait(false);
            if (answer is not null) return answer;
            if (attempt == Attempts)
            {
                LogNoAnswer(url, request.Capture, why);
                return null;
            }

            await Task.Delay(Pause * (1 + Random.Shared.NextDouble()), time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private async Task<(CaptureLeaseAnswer? Answer, string Why)> PostAsync(Uri url, byte[] body, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(settings.Timeout < LongestWait ? settings.Timeout : LongestWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await client.PostAsync(url, content, either.Token).ConfigureAwait(false);
            var text = await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.OK && JsonSerializer.Deserialize(text, CommandJson.Default.CaptureLeaseAnswer) is { } answer) return (answer, "");
            // The collector finds the question itself wrong: that will not change.
            if (response.StatusCode == HttpStatusCode.BadRequest) return (new CaptureLeaseAnswer(false, CaptureRefusal.Invalid, "the collector does not take the question: " + System.Text.Encoding.UTF8.GetString(text)), "");
            return (null, $"it answered {(int)response.StatusCode} {response.ReasonPhrase}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, "no answer in time");
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException)
        {
            return (null, fault.Message);
        }
    }

    [LoggerMessage(EventId = 3126, Level = LogLevel.Warning, Message = "{Url} does not say whether the cluster has room for capture {Id}: {Reason}.")]
    private partial void LogNoAnswer(Uri url, string id, string reason);
}
