using System.IO.Compression;
using System.Net;
using System.Text;
using Monitoring.Contracts.Events;

namespace Monitoring.Tests.Agent.Shipping;

/// <summary>A collector that answers at once, as the test says, and keeps what it took.</summary>
internal sealed class FakeCollector : HttpMessageHandler
{
    /// <summary>Judges a batch; null takes it.</summary>
    internal Func<IReadOnlyList<EventRecord>, HttpResponseMessage?> Judge { get; set; } = static _ => null;

    internal List<int> BatchSizes { get; } = [];

    /// <summary>Ids in the order in which they were taken.</summary>
    internal List<string> Taken { get; } = [];

    internal static HttpResponseMessage Answer(HttpStatusCode status, string body = "") => new(status) { Content = new StringContent(body, Encoding.UTF8) };

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri?.ToString() != "http://collector:9461/v1/events" || request.Content?.Headers.ContentType?.ToString() != "application/x-ndjson")
            return Task.FromResult(Answer(HttpStatusCode.NotFound));
        using var body = new GZipStream(request.Content.ReadAsStream(cancellationToken), CompressionMode.Decompress);
        using var reader = new StreamReader(body);
        var records = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => EventJson.Read(Encoding.UTF8.GetBytes(line))).ToList();
        BatchSizes.Add(records.Count);
        if (Judge(records) is { } answer) return Task.FromResult(answer);
        Taken.AddRange(records.Select(static record => record.Id));
        return Task.FromResult(Answer(HttpStatusCode.OK, $$"""{"accepted":{{records.Count}},"duplicates":0,"expired":0,"rejected":[]}"""));
    }
}
