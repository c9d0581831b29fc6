using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Shipping.Uploads;

/// <summary>The requests of tus 1.0 that an upload needs, and a verdict on each answer. None of them throws but for cancellation and for a file that cannot be read.</summary>
internal sealed class TusClient(HttpClient client, Uri endpoint, TimeSpan timeout, long bytesPerSecond, TimeProvider time)
{
    /// <summary>Bytes of one request: each ends with the collector's disk being asked, and what a broken link costs is bounded.</summary>
    internal const long ChunkBytes = 16 << 20;

    private const string Version = "1.0.0";
    private const string MetricsPath = "/v1/metrics";
    private const int ChecksumMismatch = 460; // tus's own
    private const int AnswerBytesAtMost = 64 << 10;

    // The collector reads a whole file once more, for its hash, before it answers the last request.
    private static readonly TimeSpan HashPatience = TimeSpan.FromMinutes(2);

    /// <summary>Where uploads are begun.</summary>
    internal Uri Url { get; } = UploadsUrl(endpoint);

    /// <summary>Where captures of a receiver go: beside its metrics.</summary>
    internal static Uri UploadsUrl(Uri endpoint)
    {
        var address = endpoint.ToString().TrimEnd('/');
        return new Uri((address.EndsWith(MetricsPath, StringComparison.Ordinal) ? address[..^MetricsPath.Length] : address) + UploadMetadata.Path);
    }

    /// <summary>Begins an upload.</summary>
    internal Task<UploadOutcome> CreateAsync(UploadMetadata metadata, long length, CancellationToken cancellationToken)
    {
        var request = Make(HttpMethod.Post, Url);
        request.Headers.Add("Upload-Length", length.ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("Upload-Metadata", metadata.Write());
        return AskAsync(request, timeout + HashPatience, cancellationToken);
    }

    /// <summary>Asks how far an upload is.</summary>
    internal Task<UploadOutcome> OffsetAsync(Uri upload, CancellationToken cancellationToken) => AskAsync(Make(HttpMethod.Head, upload), timeout, cancellationToken);

    /// <summary>Sends what follows in a file, at most <see cref="ChunkBytes"/>.</summary>
    /// <param name="file">The file, at the offset.</param>
    internal Task<UploadOutcome> SendAsync(Uri upload, Stream file, long offset, long length, UploadThrottle throttle, Action<int> sent, CancellationToken cancellationToken)
    {
        var bytes = Math.Min(ChunkBytes, length - offset);
        var request = Make(HttpMethod.Patch, upload);
        request.Headers.Add("Upload-Offset", offset.ToString(CultureInfo.InvariantCulture));
        // A collector that does not want it says so before it is sent.
        request.Headers.ExpectContinue = bytes > 0;
        request.Content = new UploadContent(file, bytes, throttle, sent);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
        return AskAsync(request, timeout + HashPatience + TimeSpan.FromSeconds(2.0 * bytes / bytesPerSecond), cancellationToken);
    }

    private static HttpRequestMessage Make(HttpMethod method, Uri url)
    {
        var request = new HttpRequestMessage(method, url);
        request.Headers.Add("Tus-Resumable", Version);
        return request;
    }

    private async Task<UploadOutcome> AskAsync(HttpRequestMessage request, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        using (request)
        {
            try
            {
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
                var answer = response.IsSuccessStatusCode ? null : await ReadAsync(response, either.Token).ConfigureAwait(false);
                return Judge(request.Method, response, answer);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return new UploadOutcome(UploadVerdict.Later, "timeout", "no answer in time");
            }
            catch (HttpRequestException fault) when (fault.InnerException is not FileNotFoundException)
            {
                return new UploadOutcome(UploadVerdict.Later, "unreachable", fault.InnerException?.Message ?? fault.Message);
            }
        }
    }

    private UploadOutcome Judge(HttpMethod method, HttpResponseMessage response, UploadAnswer? answer)
    {
        var status = (int)response.StatusCode;
        var reason = $"status_{status}";
        var words = $"the receiver answered {status} {answer?.Error ?? response.ReasonPhrase}";
        var isNew = method == HttpMethod.Post;
        if (response.IsSuccessStatusCode) return Taken(isNew, response) ?? new UploadOutcome(UploadVerdict.NoCollector, reason, $"{words}, but not as a collector does");
        return status switch
        {
            409 when answer?.Reason == "offset" => new UploadOutcome(UploadVerdict.Ask, reason, words),
            409 when answer?.Reason == "incomplete" => new UploadOutcome(UploadVerdict.Incomplete, reason, words),
            ChecksumMismatch => new UploadOutcome(UploadVerdict.Incomplete, reason, words),
            404 or 410 when !isNew => new UploadOutcome(UploadVerdict.Anew, reason, words),
            401 or 403 or 404 or 405 or 407 or 412 or 501 => new UploadOutcome(UploadVerdict.NoCollector, reason, words),
            408 or 423 or 429 => new UploadOutcome(UploadVerdict.Later, reason, words, After: After(response)),
            // A proxy's words are no verdict on the capture.
            >= 400 and < 500 when answer is null => new UploadOutcome(UploadVerdict.NoCollector, reason, words),
            >= 400 and < 500 => new UploadOutcome(UploadVerdict.Refused, reason, words),
            >= 500 => new UploadOutcome(UploadVerdict.Later, reason, words, After: After(response)),
            _ => new UploadOutcome(UploadVerdict.NoCollector, reason, $"{words}, but not as a collector does"),
        };
    }

    private UploadOutcome? Taken(bool isNew, HttpResponseMessage response)
    {
        if (Header(response, UploadMetadata.StateHeader) is { } state)
            return state == UploadMetadata.CaptureDone ? new UploadOutcome(UploadVerdict.CaptureDone) : state == UploadMetadata.FileKept ? new UploadOutcome(UploadVerdict.FileKept) : null;
        if (isNew) return response is { StatusCode: HttpStatusCode.Created, Headers.Location: { } location } ? new UploadOutcome(UploadVerdict.Taken, Offset: 0, Url: new Uri(Url, location)) : null;
        return long.TryParse(Header(response, "Upload-Offset"), NumberStyles.None, CultureInfo.InvariantCulture, out var offset) ? new UploadOutcome(UploadVerdict.Taken, Offset: offset) : null;
    }

    private TimeSpan? After(HttpResponseMessage response) =>
        response.Headers.RetryAfter is not { } after ? null : after.Delta ?? after.Date - time.GetUtcNow();

    private static string? Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static async Task<UploadAnswer?> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/json" || response.Content.Headers.ContentLength > AnswerBytesAtMost) return null;
        try
        {
            await response.Content.LoadIntoBufferAsync(AnswerBytesAtMost, cancellationToken).ConfigureAwait(false);
            return JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false), UploadAnswerJson.Default.UploadAnswer);
        }
        catch (Exception fault) when (fault is JsonException or HttpRequestException)
        {
            return null;
        }
    }
}

/// <summary>What a collector says of a request that it refuses.</summary>
internal sealed record UploadAnswer(string Reason = "", string Error = "");

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(UploadAnswer))]
internal sealed partial class UploadAnswerJson : JsonSerializerContext;
