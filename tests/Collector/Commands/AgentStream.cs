using System.Text.Json;
using System.Text;
using Monitoring.Agent.Shipping.Commands;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using Xunit;

namespace Monitoring.Tests.Collector.Commands;

/// <summary>A stream of commands as an agent opens it, read by the agent's own parser.</summary>
internal sealed class AgentStream : IAsyncDisposable
{
    private readonly HttpClient client;
    private readonly HttpResponseMessage response;
    private readonly Stream body;
    private readonly ServerSentEvents events = new(1 << 20);
    private readonly Queue<ServerSentEvent> found = new();
    private readonly byte[] buffer = new byte[4096];

    private AgentStream(HttpClient client, string node, HttpResponseMessage response, Stream body) => (this.client, Node, this.response, this.body) = (client, node, response, body);

    internal string Node { get; }

    /// <summary>Everything that came, comments included.</summary>
    internal StringBuilder Raw { get; } = new();

    internal static async Task<AgentStream> OpenAsync(HttpClient client, string node, long? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/v1/commands?node={Uri.EscapeDataString(node)}", UriKind.Relative));
        if (lastEventId is { } id) request.Headers.Add("Last-Event-ID", id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        var stream = new AgentStream(client, node, response, await response.Content.ReadAsStreamAsync());
        // The first bytes come when the collector counts the node as connected.
        await stream.ReadMoreAsync();
        return stream;
    }

    /// <summary>The next command.</summary>
    internal async Task<AgentCommand> NextAsync()
    {
        while (found.Count == 0)
            if (!await ReadMoreAsync()) throw new EndOfStreamException("The collector ended the stream.");
        var one = found.Dequeue();
        Assert.Equal("command", one.Type);
        var command = JsonSerializer.Deserialize(one.Data, CommandJson.Default.AgentCommand)!;
        Assert.Equal(one.Id, command.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return command;
    }

    /// <summary>Reads until the text has come, or the stream ends.</summary>
    internal async Task ReadUntilAsync(string text)
    {
        while (!Raw.ToString().Contains(text, StringComparison.Ordinal) && await ReadMoreAsync())
        {
            // More.
        }
    }

    /// <summary>True once the collector has ended it.</summary>
    internal async Task<bool> EndsAsync()
    {
        while (await ReadMoreAsync())
        {
            // What still comes.
        }

        return true;
    }

    /// <summary>Says where a capture stands.</summary>
    internal async Task SayAsync(string capture, CaptureStage stage, long sequence, string words = "", CaptureRefusal? refusal = null) =>
        await SayAsync(client, new CaptureProgress(capture, Node, sequence, DateTimeOffset.UnixEpoch.AddYears(56), stage, words, Refusal: refusal));

    internal static async Task SayAsync(HttpClient client, CaptureProgress progress)
    {
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(progress, CaptureJson.Default.CaptureProgress));
        using var answer = await client.PostAsync(new Uri("/v1/captures/progress", UriKind.Relative), content);
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        await body.DisposeAsync();
        response.Dispose();
    }

    private async Task<bool> ReadMoreAsync()
    {
        using var limit = new CancellationTokenSource(Eventually.Patience);
        try
        {
            var read = await body.ReadAsync(buffer, limit.Token);
            Raw.Append(Encoding.UTF8.GetString(buffer, 0, read));
            foreach (var one in events.Read(buffer.AsSpan(0, read))) found.Enqueue(one);
            return read > 0;
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException)
        {
            return false;
        }
    }
}
