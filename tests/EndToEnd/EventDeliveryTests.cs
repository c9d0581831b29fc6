using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>Events reach the collector's disk exactly once, whatever is killed when.</summary>
public sealed class EventDeliveryTests
{
    private const int Senders = 2;

    private static readonly TimeSpan LongestLife = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(20);

    // The long form, with agents and two hundred deaths, is scripts/test-sudden-death.sh.
    private const int Rounds = 12;

    [Fact]
    public async Task A_collector_that_is_killed_at_any_moment_keeps_each_event_that_it_confirmed_and_each_once()
    {
        var random = new Random(20261121);
        await using var collector = new KillableCollector();
        await collector.StartAsync();
        using var end = new CancellationTokenSource();
        var senders = Enumerable.Range(0, Senders).Select(number => new Sender(collector.Address, $"node-{number}")).ToList();
        var sending = senders.ConvertAll(sender => sender.RunAsync(end.Token));

        for (var round = 0; round < Rounds; round++)
        {
            await Task.Delay(LongestLife * random.NextDouble(), TimeProvider.System);
            (await collector.KillAsync()).Should().NotContain("damaged");
            if (round % 3 == 0) collector.TearEnd(random);
            await collector.StartAsync();
        }

        await Eventually.HoldsAsync("some events are confirmed", () => senders.Sum(static sender => sender.Confirmed.Count) > Rounds);
        await end.CancelAsync();
        await Task.WhenAll(sending);
        var kept = await collector.ReadIdsAsync();
        kept.Should().OnlyHaveUniqueItems();
        // In order: to compare many thousands each with each takes longer than to send them.
        kept.Order(StringComparer.Ordinal).Should().Equal(senders.SelectMany(static sender => sender.Confirmed).Order(StringComparer.Ordinal));
        kept.Count.Should().BeGreaterThan(Rounds);
        senders.Sum(static sender => sender.Attempts).Should().BeGreaterThan(senders.Sum(static sender => sender.Batches), "some were cut off");
    }

    /// <summary>Sends batch after batch, each until it is confirmed, as an agent does.</summary>
    private sealed class Sender(Uri collector, string node)
    {
        private int made;

        internal List<string> Confirmed { get; } = [];

        internal int Batches { get; private set; }

        internal int Attempts { get; private set; }

        internal async Task RunAsync(CancellationToken end)
        {
            // A connection that the killed one left behind would only cost attempts.
            using var http = new HttpClient { BaseAddress = collector, Timeout = Eventually.Patience };
            while (!end.IsCancellationRequested)
            {
                var batch = Enumerable.Range(0, 1 + (Batches % 20)).Select(_ => Make(++made)).ToList();
                Batches++;
                while (!await IsConfirmedAsync(http, batch)) await Task.Delay(RetryPause, TimeProvider.System, CancellationToken.None);
                Confirmed.AddRange(batch.Select(static record => record.Id));
            }
        }

        private EventRecord Make(int number) => new()
        {
            Id = EventId.Of(node, $"{number}"), Time = TimeProvider.System.GetUtcNow(), Node = node, Kind = EventKinds.Xid, Code = 79,
            Severity = EventSeverity.Critical, Title = $"Event {number}", Evidence = new EventEvidence { RawLine = new string('x', number % 2000) },
        };

        private async Task<bool> IsConfirmedAsync(HttpClient http, List<EventRecord> batch)
        {
            Attempts++;
            using var content = new ByteArrayContent([.. batch.SelectMany(static record => (byte[])[.. EventJson.Write(record), (byte)'\n'])]);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
            try
            {
                using var answer = await http.PostAsync(new Uri("/v1/events", UriKind.Relative), content);
                if (answer.StatusCode != HttpStatusCode.OK) return false;
                using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
                var settled = body.RootElement.GetProperty("accepted").GetInt32() + body.RootElement.GetProperty("duplicates").GetInt32();
                return settled == batch.Count;
            }
            catch (Exception exception) when (exception is HttpRequestException or JsonException or IOException)
            {
                return false;
            }
        }
    }
}
