using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using FluentAssertions;
using Monitoring.Tests.Collector.Events;
using Monitoring.Tests.Elasticsearch.Servers;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>The collector dies by SIGKILL while it fills the real server; at the end every event and every entry of the audit is there once.</summary>
[Collection(nameof(RealServers))]
public sealed class ElasticsearchDeathTests(RealServers servers)
{
    private const int Deaths = 6;
    private const int EventsPerPush = 40;

    private static readonly TimeSpan LongestLife = TimeSpan.FromSeconds(1.5);

    [Fact]
    public async Task Every_event_is_there_once_whenever_the_collector_dies()
    {
        await using var server = await servers.UsualAsync();
        var part = "k" + Guid.NewGuid().ToString("N")[..12];
        await using var collector = new KillableCollector($"elasticsearch.connection.urls={server.Address}", $"elasticsearch.namespace={part}", "elasticsearch.connection.max_batch_documents=17", "elasticsearch.connection.max_batch_age=20ms");
        await collector.StartAsync();
        using var end = new CancellationTokenSource();
        var pushing = PushAsync(collector.Address, end.Token);
        var random = new Random(17);
        for (var death = 0; death < Deaths; death++)
        {
            await Task.Delay(LongestLife * random.NextDouble(), TimeProvider.System);
            await collector.KillAsync();
            await collector.StartAsync();
        }
        await Eventually.HoldsAsync("some pushes are taken", async () => (await collector.ReadIdsAsync()).Count > Deaths * EventsPerPush);
        await end.CancelAsync();
        var pushed = await pushing;
        pushed.Should().BeGreaterThan(Deaths);

        var stored = await UntilAsync(server, $"logs-gpu.event-{part}-*", pushed * EventsPerPush);

        stored.Should().OnlyContain(static document => document.Version == 1);
        stored.Select(static document => document.Id).Should().OnlyHaveUniqueItems().And.BeEquivalentTo(Enumerable.Range(0, pushed * EventsPerPush).Select(SomeEvent.IdOf));
        stored.Select(static document => document.Index).Distinct().Should().HaveCountGreaterThan(1, "the events are of two months");
        var audited = await AuditedAsync(collector.Address);
        (await UntilAsync(server, $"logs-gpu.audit-{part}-*", audited)).Select(static document => document.Id).Should().OnlyHaveUniqueItems().And.HaveCount(audited);
    }

    /// <summary>Pushes events, each until the collector has it, and asks for something that is audited.</summary>
    /// <returns>How many pushes were taken.</returns>
    private static async Task<int> PushAsync(Uri address, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        var pushed = 0;
        var now = TimeProvider.System.GetUtcNow();
        while (!cancellationToken.IsCancellationRequested)
        {
            var body = SomeEvent.Body([.. Enumerable.Range(pushed * EventsPerPush, EventsPerPush).Select(number => SomeEvent.Record(number) with { Time = now.AddDays(-(number % 45)) })]);
            try
            {
                using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-ndjson") } };
                using var answer = await http.PostAsync(new Uri(address, "/v1/events"), content, CancellationToken.None);
                if (answer.IsSuccessStatusCode) pushed++;
                using var schedule = new StringContent("""{"cron":"0 3 * * 1","selector":"all","duration_seconds":5}""", Encoding.UTF8, "application/json");
                using var put = await http.PutAsync(new Uri(address, "/api/v1/schedules/nightly"), schedule, CancellationToken.None);
            }
            catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException)
            {
                // It is dead; its next life gets the same events.
            }
            try
            {
                await ticks.WaitForNextTickAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                // The end.
            }
        }
        return pushed;
    }

    private static async Task<int> AuditedAsync(Uri address)
    {
        using var http = new HttpClient();
        var (count, before) = (0, "");
        do
        {
            var page = JsonNode.Parse(await http.GetStringAsync(new Uri(address, $"/api/v1/captures/audit?limit=1000{(before.Length == 0 ? "" : "&before=" + before)}")))!;
            count += page["entries"]!.AsArray().Count;
            before = page["next"]?.ToString() ?? "";
        }
        while (before.Length > 0);
        count.Should().BePositive();
        return count;
    }

    private static async Task<List<StoredDocument>> UntilAsync(SearchServer server, string pattern, int count)
    {
        List<StoredDocument> documents = [];
        await Eventually.HoldsAsync(() => $"{count} documents come to {pattern}, of which {documents.Count} came", async () => (documents = await server.ReadAllAsync(pattern)).Count >= count);
        return documents;
    }
}
