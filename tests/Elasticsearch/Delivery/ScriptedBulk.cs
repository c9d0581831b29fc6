using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Monitoring.Tests.Elasticsearch.Delivery;

/// <summary>A <c>_bulk</c> that answers at once, as the test says, and keeps what it stored.</summary>
internal sealed class ScriptedBulk : HttpMessageHandler
{
    private readonly Lock gate = new();

    /// <summary>Judges a request before its documents are looked at; null looks at them.</summary>
    internal Func<IReadOnlyList<Sent>, HttpResponseMessage?> Whole { get; set; } = static _ => null;

    /// <summary>Judges a document that is new; null stores it.</summary>
    internal Func<Sent, string?> Item { get; set; } = static _ => null;

    /// <summary>Changes the answer to a request after its documents were stored: what became of it on its way back.</summary>
    internal Func<string, HttpResponseMessage> Answered { get; set; } = static json => Answer(HttpStatusCode.OK, json);

    /// <summary>How often each document was stored, by index and id: never more than once.</summary>
    internal Dictionary<(string Index, string Id), string> Stored { get; } = [];

    /// <summary>Documents of each request.</summary>
    internal List<int> Sizes { get; } = [];

    internal List<HttpRequestMessage> Requests { get; } = [];

    internal static HttpResponseMessage Answer(HttpStatusCode status, string body = "", string? retryAfter = null)
    {
        var answer = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8) };
        if (retryAfter is not null) answer.Headers.Add("Retry-After", retryAfter);
        return answer;
    }

    internal static string Error(int status, string type, string reason) => $$$$"""{"create":{"status":{{{{status}}}},"error":{"type":"{{{{type}}}}","reason":"{{{{reason}}}}"}}}""";

    internal static string WholeError(int status, string type, string reason) => $$"""{"error":{"root_cause":[],"type":"{{type}}","reason":"{{reason}}"},"status":{{status}}}""";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var sent = ReadBody(request);
        lock (gate)
        {
            Requests.Add(request);
            Sizes.Add(sent.Count);
        }
        if (Whole(sent) is { } whole) return Task.FromResult(whole);
        lock (gate) return Task.FromResult(Answered(Judge(sent)));
    }

    private string Judge(List<Sent> sent)
    {
        var items = new List<string>();
        foreach (var document in sent)
        {
            if (Stored.ContainsKey((document.Index, document.Id))) items.Add(Error(409, "version_conflict_engine_exception", "document already exists"));
            else if (Item(document) is { } refused) items.Add(refused);
            else
            {
                Stored.Add((document.Index, document.Id), document.Json);
                items.Add("""{"create":{"status":201}}""");
            }
        }
        return string.Create(CultureInfo.InvariantCulture, $$"""{"errors":{{(items.Exists(static item => item.Contains("error", StringComparison.Ordinal)) ? "true" : "false")}},"items":[{{string.Join(',', items)}}]}""");
    }

    private static List<Sent> ReadBody(HttpRequestMessage request)
    {
        var bytes = request.Content!.ReadAsByteArrayAsync().GetAwaiter().GetResult();
        if (request.Content.Headers.ContentEncoding.Contains("gzip"))
        {
            using var unpacked = new MemoryStream();
            using (var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress)) gzip.CopyTo(unpacked);
            bytes = unpacked.ToArray();
        }
        var text = Encoding.UTF8.GetString(bytes);
        if (!text.EndsWith('\n')) throw new InvalidOperationException("The body does not end with a line end.");
        var lines = text[..^1].Split('\n');
        var sent = new List<Sent>();
        for (var at = 0; at + 1 < lines.Length; at += 2)
        {
            using var action = JsonDocument.Parse(lines[at]);
            var create = action.RootElement.GetProperty("create");
            sent.Add(new Sent(create.GetProperty("_index").GetString()!, create.GetProperty("_id").GetString()!, lines[at + 1]));
        }
        return sent;
    }

    /// <summary>A document as it came.</summary>
    internal sealed record Sent(string Index, string Id, string Json)
    {
        internal int Number => int.Parse(Id.AsSpan(Id.LastIndexOf('-') + 1), CultureInfo.InvariantCulture);
    }
}
