using System.Net;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Tests.Collector.Events;
using Xunit;

namespace Monitoring.Tests.Collector.Query;

public sealed class EventQueryEndpointTests
{
    [Fact]
    public async Task The_newest_come_first_page_by_page()
    {
        await using var collector = await StartAsync(25);
        var seen = new List<string>();
        string? next = null;
        do
        {
            var page = await AskAsync(collector, "?limit=10" + (next is null ? "" : $"&after={next}"));
            seen.AddRange(page.Ids);
            next = page.Next;
        }
        while (next is not null);

        seen.Should().Equal(Enumerable.Range(0, 25).Reverse().Select(SomeEvent.IdOf));
    }

    [Theory]
    [InlineData("node=n1&gpu=1", 1, 7, 13, 19)]
    [InlineData("uuid=GPU-5&limit=2", 17, 23)]
    [InlineData("since=2026-01-01T00:00:20Z&until=2026-01-01T00:00:22%2B00:00", 20, 21, 22)]
    [InlineData("cluster=lab&kind=xid&severity=critical&code=79&node=n0&since=2026-01-01T00:00:20Z&rule=", 21, 24)]
    [InlineData("cluster=hall")]
    [InlineData("code=13")]
    [InlineData("severity=info")]
    [InlineData("rule=none")]
    public async Task Filters_are_joined(string query, params int[] expected)
    {
        await using var collector = await StartAsync(25);
        (await AskAsync(collector, "?" + query)).Ids.Should().Equal(expected.Reverse().Select(SomeEvent.IdOf));
    }

    [Theory]
    [InlineData("gpu=first", "gpu is 'first', expected the index of a GPU on its node, such as 0")]
    [InlineData("code=seven", "code is 'seven', expected a number, such as 79")]
    [InlineData("severity=bad", "severity is 'bad', expected unknown, info, warning or critical")]
    [InlineData("since=yesterday", "since is 'yesterday', expected a time of RFC 3339, such as 2026-01-31T12:00:00Z (a + is written %2B)")]
    [InlineData("until=01/02/2026", "until is '01/02/2026', expected a time of RFC 3339, such as 2026-01-31T12:00:00Z (a + is written %2B)")]
    [InlineData("limit=0", "limit is '0', expected 1 to 1000")]
    [InlineData("limit=1001", "limit is '1001', expected 1 to 1000")]
    [InlineData("after=7", "after is '7', expected what 'next' of the page before says")]
    [InlineData("hostname=n1", "hostname is no parameter; known are node, cluster, gpu, uuid, kind, severity, rule, code, since, until, limit and after")]
    [InlineData("node=a&node=b", "node is given 2 times; give it once")]
    [InlineData("since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "since is '2026-01-02T00:00:00.0000000+00:00', expected a time that is not after until")]
    public async Task A_wrong_parameter_is_named_with_value_and_remedy(string query, string error)
    {
        await using var collector = await StartAsync(1);
        using var answer = await collector.AskAsync("/api/v1/events?" + query);
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        body.RootElement.GetProperty("error").GetString().Should().Be(error);
    }

    [Fact]
    public async Task An_event_is_found_by_its_id()
    {
        await using var collector = await StartAsync(10);
        (await collector.GetAsync($"/api/v1/events/{SomeEvent.IdOf(4)}")).Should().Contain("\"title\":\"Event 4\"");
        using var unknown = await collector.AskAsync($"/api/v1/events/{SomeEvent.IdOf(99)}");
        unknown.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await unknown.Content.ReadAsStringAsync()).Should().Contain($"no event {SomeEvent.IdOf(99)} is kept");
        using var wrong = await collector.AskAsync("/api/v1/events/79");
        wrong.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await wrong.Content.ReadAsStringAsync()).Should().Contain("id is '79', expected 32 lower-case hexadecimal digits");
    }

    private static async Task<RunningCollector> StartAsync(int events)
    {
        var collector = await RunningCollector.StartAsync(time: new ManualTimeProvider(SomeEvent.Start.AddHours(1)));
        using var answer = await collector.PostAsync("/v1/events", SomeEvent.Body([.. Enumerable.Range(0, events)]), "application/x-ndjson", null);
        answer.EnsureSuccessStatusCode();
        return collector;
    }

    private static async Task<(string[] Ids, string? Next)> AskAsync(RunningCollector collector, string query)
    {
        using var page = JsonDocument.Parse(await collector.GetAsync("/api/v1/events" + query));
        return ([.. page.RootElement.GetProperty("events").EnumerateArray().Select(static one => one.GetProperty("id").GetString()!)], page.RootElement.GetProperty("next").GetString());
    }
}
