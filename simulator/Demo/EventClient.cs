using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Monitoring.Contracts.Events;

namespace Monitoring.Simulator.Demo;

/// <summary>Reads events from the collector's API.</summary>
internal sealed class EventClient(HttpClient http, string collectorAddress)
{
    // The most that the collector gives at once.
    private const int PageLimit = 1000;

    // A demo of a day stays below.
    private const int MostPages = 200;

    /// <summary>The newest events, newest first.</summary>
    public async Task<IReadOnlyList<EventRecord>> NewestAsync(int count, CancellationToken cancellationToken) =>
        (await PageAsync($"limit={count}", cancellationToken)).Events;

    /// <summary>The newest events of a node, newest first.</summary>
    public async Task<IReadOnlyList<EventRecord>> OfNodeAsync(string node, CancellationToken cancellationToken) =>
        (await PageAsync($"node={Uri.EscapeDataString(node)}&limit=100", cancellationToken)).Events;

    /// <summary>Every event that the collector keeps, newest first.</summary>
    public async Task<IReadOnlyList<EventRecord>> AllAsync(CancellationToken cancellationToken)
    {
        var events = new List<EventRecord>();
        var query = $"limit={PageLimit}";
        for (var page = 0; page < MostPages; page++)
        {
            var answer = await PageAsync(query, cancellationToken);
            events.AddRange(answer.Events);
            if (answer.Next is null)
                return events;
            query = $"limit={PageLimit}&after={answer.Next}";
        }
        throw new DemoFailedException($"the collector holds more than {MostPages * PageLimit} events");
    }

    private async Task<EventPage> PageAsync(string query, CancellationToken cancellationToken) =>
        await http.GetFromJsonAsync(new Uri($"http://{collectorAddress}/api/v1/events?{query}"), EventPageJson.Default.EventPage, cancellationToken)
            ?? throw new DemoFailedException("the collector answered a query for events with nothing");
}

/// <summary>A page of the collector's events.</summary>
/// <param name="Next">Where the next page begins; null for the last one.</param>
internal sealed record EventPage(EventRecord[] Events, string? Next);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(EventPage))]
internal sealed partial class EventPageJson : JsonSerializerContext;
