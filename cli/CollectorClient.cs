using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Monitoring.Contracts.Commands;

namespace Monitoring.Cli;

/// <summary>Asks the collector; what it refuses is an exception with its words.</summary>
internal sealed class CollectorClient : IDisposable
{
    private const int AnswerBytesAtMost = 64 << 20;

    private readonly HttpClient http;

    internal CollectorClient(Uri address) => http = new HttpClient
    {
        BaseAddress = new Uri(address.ToString().TrimEnd('/') + "/"), Timeout = TimeSpan.FromSeconds(60), MaxResponseContentBufferSize = AnswerBytesAtMost,
    };

    /// <summary>Asks for JSON of a kind.</summary>
    internal async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) => Parse(await SendAsync(HttpMethod.Get, path, null, cancellationToken), type);

    /// <summary>Asks for JSON of any kind.</summary>
    internal async Task<JsonDocument> GetAsync(string path, CancellationToken cancellationToken)
    {
        var text = await SendAsync(HttpMethod.Get, path, null, cancellationToken);
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            throw NoCollector(text);
        }
    }

    /// <summary>Sends JSON and reads the answer; one with <paramref name="alsoTaken"/> counts as good.</summary>
    internal async Task<TAnswer> SendAsync<TBody, TAnswer>(HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken, HttpStatusCode? alsoTaken = null) =>
        Parse(await SendAsync(method, path, JsonSerializer.SerializeToUtf8Bytes(body, bodyType), cancellationToken, alsoTaken), answerType);

    /// <summary>Sends something whose answer says nothing more.</summary>
    internal Task<string> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken) => SendAsync(method, path, null, cancellationToken);

    /// <summary>Opens a file to read it as it comes.</summary>
    internal async Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var response = await Guarded(() => http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken));
        if (response.IsSuccessStatusCode) return response;
        using (response) throw Refusal(response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    public void Dispose() => http.Dispose();

    private async Task<string> SendAsync(HttpMethod method, string path, byte[]? body, CancellationToken cancellationToken, HttpStatusCode? alsoTaken = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null) request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        // A second try of this program's connection must not be a second wish.
        if (method == HttpMethod.Post) request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString("N"));
        using var response = await Guarded(() => http.SendAsync(request, cancellationToken));
        var text = await Guarded(() => response.Content.ReadAsStringAsync(cancellationToken));
        return response.IsSuccessStatusCode || response.StatusCode == alsoTaken ? text : throw Refusal(response.StatusCode, text);
    }

    private static async Task<T> Guarded<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (HttpRequestException fault)
        {
            throw new CollectorException(ExitCodes.Unreachable, $"{fault.Message}; name the collector with --collector or {CommandLine.CollectorVariable}");
        }
        catch (TaskCanceledException fault) when (fault.InnerException is TimeoutException)
        {
            throw new CollectorException(ExitCodes.Unreachable, "the collector does not answer in time");
        }
    }

    private static T Parse<T>(string text, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(text, type) ?? throw NoCollector(text);
        }
        catch (JsonException)
        {
            throw NoCollector(text);
        }
    }

    private static CollectorException NoCollector(string text) => new(ExitCodes.Unreachable, $"what answers is no gpu-collector of this version: {Excerpt(text)}");

    private static CollectorException Refusal(HttpStatusCode status, string text)
    {
        var code = status == HttpStatusCode.NotFound ? ExitCodes.Unknown : ExitCodes.Refused;
        try
        {
            if (JsonSerializer.Deserialize(text, OrderJson.Readable.CommandError) is { } error)
                return new CollectorException(code, error.Problems is { Count: > 1 } problems ? string.Join("\n", problems) : error.Error);
        }
        catch (JsonException)
        {
            // Of a proxy, say.
        }

        return new CollectorException(code, $"the collector answered {(int)status}: {Excerpt(text)}");
    }

    private static string Excerpt(string text)
    {
        var excerpt = new StringBuilder();
        foreach (var character in text.AsSpan(0, Math.Min(text.Length, 200))) excerpt.Append(char.IsControl(character) ? ' ' : character);
        return excerpt.ToString().Trim();
    }
}

/// <summary>The collector does not do what was asked, or does not answer.</summary>
/// <param name="exitCode">What the program ends with.</param>
/// <param name="message">Why, for a person.</param>
internal sealed class CollectorException(int exitCode, string message) : Exception(message)
{
    internal int ExitCode => exitCode;
}
