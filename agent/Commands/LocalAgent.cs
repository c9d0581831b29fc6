using System.CommandLine;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Monitoring.Agent.Exposition.Api;

namespace Monitoring.Agent.Commands;

/// <summary>Asks the agent of this node, for commands that people call.</summary>
internal sealed class LocalAgent(Uri address) : IDisposable
{
    private const int AnswerBytesAtMost = 16 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // A proxy of the environment is none of a node's own.
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Patience, MaxResponseContentBufferSize = AnswerBytesAtMost };

    internal static Option<string?> UrlOption() => new("--url") { Description = "The agent to ask, such as http://127.0.0.1:9460; without it, the one of the configuration." };

    /// <summary>The agent that a command line means; null after what is wrong was printed.</summary>
    internal static LocalAgent? Of(ParseResult parsed, Option<string?> url, out int code)
    {
        code = Program.WrongUsage;
        if (parsed.GetValue(url) is { } text)
        {
            if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https") return new LocalAgent(address);
            Console.Error.WriteLine($"--url is '{text}', expected a URL such as http://127.0.0.1:9460");
            return null;
        }
        code = Configuration.IsWrong;
        return Configuration.Load(parsed) is { } settings ? new LocalAgent(settings.LocalAddress) : null;
    }

    internal async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken stop)
    {
        using var answer = await http.GetAsync(new Uri(address, path), stop).ConfigureAwait(false);
        return await ReadAsync(answer, type, stop).ConfigureAwait(false);
    }

    /// <summary>Posts a request; an answer that says no is read as one that says yes.</summary>
    internal async Task<T> PostAsync<TBody, T>(string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<T> type, CancellationToken stop)
    {
        using var content = JsonContent.Create(body, bodyType);
        using var answer = await http.PostAsync(new Uri(address, path), content, stop).ConfigureAwait(false);
        return await ReadAsync(answer, type, stop).ConfigureAwait(false);
    }

    public void Dispose() => http.Dispose();

    /// <summary>What a person reads where the agent cannot be asked.</summary>
    internal string Trouble(Exception fault) =>
        $"the agent at {address} cannot be asked: {(fault is OperationCanceledException ? $"no answer within {Patience.TotalSeconds} s" : fault.Message.TrimEnd('.'))}. Is it running (systemctl status gpu-agent), and is its port this one (--url)?";

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken stop)
    {
        var body = await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.NotFound && body is []) throw new HttpRequestException("it knows no such path; it is no gpu-agent, or an older one");
        // A refusal of a capture has the form of an acceptance; everything else that is no success says its error.
        if (!answer.IsSuccessStatusCode && JsonSerializer.Deserialize(body, ApiJson.Default.ApiError) is { Error: { Length: > 0 } error }) throw new HttpRequestException(error);
        return JsonSerializer.Deserialize(body, type) ?? throw new JsonException("its answer is null");
    }
}
