using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Monitoring.Agent.Journal;

namespace Monitoring.Agent.Shipping;

/// <summary>What became of a batch.</summary>
internal enum EventVerdict
{
    /// <summary>Every event of it is settled.</summary>
    Taken,

    /// <summary>The receiver does not want it as it is.</summary>
    Refused,

    /// <summary>It may be taken later.</summary>
    Later,

    /// <summary>The receiver is no collector, or lets nobody in: nothing of it is the events' fault.</summary>
    NoCollector,
}

/// <summary>A verdict with what is known of it.</summary>
/// <param name="Reason">Value of the label <c>reason</c>; empty where it was taken.</param>
/// <param name="Words">The same for people.</param>
/// <param name="After">When the receiver asks to be tried again; null where it does not say.</param>
internal sealed record EventOutcome(EventVerdict Verdict, string Reason, string Words, EventAnswer? Answer = null, TimeSpan? After = null);

/// <summary>Posts events as lines of JSON, compressed, and judges the answer.</summary>
internal sealed class EventRequest(HttpClient client, Uri endpoint, TimeSpan timeout, TimeProvider time)
{
    private const string EventsPath = "/v1/events";
    private const string MetricsPath = "/v1/metrics";

    /// <summary>Where it posts to.</summary>
    internal Uri Url { get; } = EventsUrl(endpoint);

    /// <summary>Where events of a receiver go: beside its metrics.</summary>
    internal static Uri EventsUrl(Uri endpoint)
    {
        var address = endpoint.ToString().TrimEnd('/');
        return new Uri((address.EndsWith(MetricsPath, StringComparison.Ordinal) ? address[..^MetricsPath.Length] : address) + EventsPath);
    }

    /// <summary>Posts a batch; never throws but for cancellation.</summary>
    internal async Task<EventOutcome> PostAsync(ArraySegment<WaitingEvent> batch, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var content = new ByteArrayContent(Body(batch));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
            content.Headers.ContentEncoding.Add("gzip");
            using var response = await client.PostAsync(Url, content, either.Token).ConfigureAwait(false);
            var answer = await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false);
            return Judge(response, answer);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new EventOutcome(EventVerdict.Later, "timeout", "no answer in time");
        }
        catch (HttpRequestException fault)
        {
            return new EventOutcome(EventVerdict.Later, "unreachable", fault.Message);
        }
    }

    private static byte[] Body(ArraySegment<WaitingEvent> batch)
    {
        using var body = new MemoryStream();
        using (var packed = new GZipStream(body, CompressionLevel.Fastest))
        {
            foreach (var waiting in batch)
            {
                packed.Write(waiting.Json.Span);
                packed.WriteByte((byte)'\n');
            }
            // Of nothing, gzip would make no body at all.
            if (batch.Count == 0) packed.WriteByte((byte)'\n');
        }
        return body.ToArray();
    }

    private EventOutcome Judge(HttpResponseMessage response, byte[] answer)
    {
        var status = (int)response.StatusCode;
        var reason = $"status_{status}";
        var words = $"the receiver answered {status} {response.ReasonPhrase}";
        return response.StatusCode switch
        {
            HttpStatusCode.OK when EventAnswer.Read(answer) is { } taken => new EventOutcome(EventVerdict.Taken, "", "", taken),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests => new EventOutcome(EventVerdict.Later, reason, words, After: After(response)),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.ProxyAuthenticationRequired or HttpStatusCode.UnsupportedMediaType
                => new EventOutcome(EventVerdict.NoCollector, reason, words),
            _ when status is >= 400 and < 500 => new EventOutcome(EventVerdict.Refused, reason, words + Excerpt(answer)),
            _ when status >= 500 => new EventOutcome(EventVerdict.Later, reason, words, After: After(response)),
            _ => new EventOutcome(EventVerdict.NoCollector, reason, $"{words}, but not as a collector does"),
        };
    }

    private TimeSpan? After(HttpResponseMessage response) =>
        response.Headers.RetryAfter is not { } after ? null : after.Delta ?? after.Date - time.GetUtcNow();

    private static string Excerpt(ReadOnlySpan<byte> answer)
    {
        const int Characters = 300;
        var text = System.Text.Encoding.UTF8.GetString(answer[..Math.Min(answer.Length, Characters)]).ReplaceLineEndings(" ");
        return text.Length > 0 ? ": " + text : "";
    }
}
