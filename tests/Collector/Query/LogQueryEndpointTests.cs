using System.Net;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Collector.Logs;
using Monitoring.Settings.Logs;
using Monitoring.Tests.Collector.Logs;
using Xunit;

namespace Monitoring.Tests.Collector.Query;

public sealed class LogQueryEndpointTests
{
    [Theory]
    [InlineData("node=n1", 10, 7, 4, 1)]
    [InlineData("node=n1&limit=2", 10, 7)]
    [InlineData("level=error", 8, 3)]
    [InlineData("level=warning&until=2026-01-01T00:00:07Z", 3)]
    [InlineData("since=2026-01-01T00:00:09Z", 11, 10, 9)]
    [InlineData("text=LINE+5", 5)]
    [InlineData("text=some.part+line&since=2026-01-01T00:00:10Z&node=", 11, 10)]
    [InlineData("text=host")]
    [InlineData("node=other")]
    public async Task Filters_are_joined(string query, params int[] expected)
    {
        await using var collector = await StartAsync();
        (await AskAsync(collector, "?" + query)).Messages.Should().Equal(expected.Select(static number => $"Line {number}"));
    }

    [Fact]
    public async Task Pages_follow_each_other()
    {
        await using var collector = await StartAsync();
        var seen = new List<string>();
        for (string? next = ""; next is not null;)
        {
            var page = await AskAsync(collector, "?limit=5&text=line&after=" + next);
            seen.AddRange(page.Messages);
            next = page.Next;
        }

        seen.Should().Equal(Enumerable.Range(0, 12).Reverse().Select(static number => $"Line {number}"));
    }

    [Theory]
    [InlineData("level=loud", "level is 'loud', expected the least level: trace, debug, info, warning, error or critical")]
    [InlineData("limit=0", "limit is '0', expected 1 to 1000")]
    [InlineData("after=7", "after is '7', expected what 'next' of the page before says")]
    [InlineData("gpu=1", "gpu is no parameter; known are node, level, text, since, until, limit and after")]
    [InlineData("node=a&node=b", "node is given 2 times; give it once")]
    public async Task A_wrong_parameter_is_named_with_value_and_remedy(string query, string error)
    {
        await using var collector = await StartAsync();
        using var answer = await collector.AskAsync("/api/v1/logs?" + query);
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        body.RootElement.GetProperty("error").GetString().Should().Be(error);
    }

    [Fact]
    public async Task The_collectors_own_lines_are_among_them_also_those_of_its_start()
    {
        await using var collector = await RunningCollector.StartAsync(static settings => settings.Logs.OwnLevel = LogThreshold.Warning);
        var store = collector.Service<LogStore>();
        await Eventually.HoldsAsync("a line of the collector itself is kept", () => store.Count > 0);
        using var page = JsonDocument.Parse(await collector.GetAsync("/api/v1/logs?text=memory+alone"));
        var line = page.RootElement.GetProperty("logs")[0];
        line.GetProperty("message").GetString().Should().StartWith("There is no state directory: events are kept in memory alone");
        line.GetProperty("event").GetProperty("code").GetString().Should().Be("5000");
        line.GetProperty("event").GetProperty("dataset").GetString().Should().Be("gpu.collector");
        line.GetProperty("log").GetProperty("logger").GetString().Should().Be("Monitoring.Collector.Events.EventStore");
        store.Read(0).First().Line.Index.Should().MatchRegex(@"^logs-gpu\.collector-default-\d{4}\.\d\d\.\d\d-000001$");
    }

    private static async Task<RunningCollector> StartAsync()
    {
        var collector = await RunningCollector.StartAsync(time: new ManualTimeProvider(SomeLine.Start.AddHours(1)));
        var body = SomeLine.Body([.. Enumerable.Range(0, 12).Select(static number => (SomeLine.Index, $"life-{number}", SomeLine.Json(number, number % 5 == 3 ? "error" : "info")))]);
        using var answer = await collector.PostAsync("/v1/logs/_bulk", body, "application/x-ndjson", null);
        answer.StatusCode.Should().Be(HttpStatusCode.OK);
        return collector;
    }

    private static async Task<(List<string> Messages, string? Next)> AskAsync(RunningCollector collector, string query)
    {
        using var page = JsonDocument.Parse(await collector.GetAsync("/api/v1/logs" + query));
        return ([.. page.RootElement.GetProperty("logs").EnumerateArray().Select(static line => line.GetProperty("message").GetString()!)], page.RootElement.GetProperty("next").GetString());
    }
}
