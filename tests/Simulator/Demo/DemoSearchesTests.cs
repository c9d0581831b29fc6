using System.Net;
using System.Text;
using FluentAssertions;
using Monitoring.Contracts.Events;
using Monitoring.Simulator.Demo;
using Xunit;

namespace Monitoring.Tests.Simulator.Demo;

public sealed class DemoSearchesTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 29, 9, 0, 0, TimeSpan.Zero);
    private static readonly Dictionary<string, string> Captured = new() { ["a"] = "failed", ["b"] = "done" };

    [Fact]
    public void Without_a_server_the_collector_is_asked() => Asked(null).Should().Equal(
        "the event of xid_79 on demo-node-2, GPU 3: curl -s 'http://127.0.0.1:9461/api/v1/events?kind=xid&code=79&node=demo-node-2&since=2026-11-29T09:00:00Z&limit=3'",
        "captures: curl -s 'http://127.0.0.1:9461/api/v1/captures?stage=done&since=2026-11-29T09:00:00Z&limit=3'",
        "log lines of demo-node-1: curl -s 'http://127.0.0.1:9461/api/v1/logs?node=demo-node-1&since=2026-11-29T09:00:00Z&limit=3'");

    [Fact]
    public void A_server_is_asked_the_same() => Asked(new Uri("http://search.example:9200/path")).Should().Equal(
        "the event of xid_79 on demo-node-2, GPU 3: curl -s 'http://search.example:9200/path/logs-gpu.event-default/_search?ignore_unavailable=true&size=3&q=gpu.kind:xid+AND+event.code:79+AND+host.name:demo-node-2+AND+@timestamp:%3E=1795942800000'",
        "captures: curl -s 'http://search.example:9200/path/logs-gpu.capture-default/_search?ignore_unavailable=true&size=3&q=gpu.capture.result:done+AND+@timestamp:%3E=1795942800000'",
        "log lines of demo-node-1: curl -s 'http://search.example:9200/path/logs-gpu.agent-default/_search?ignore_unavailable=true&size=3&q=host.name:demo-node-1+AND+service.name:gpu-agent+AND+@timestamp:%3E=1795942800000'");

    [Fact]
    public void What_was_not_played_is_not_sought() => new DemoSearches("127.0.0.1:9461", null, Start).Of([], new Dictionary<string, string>()).Select(static search => search.Sought).Should().Equal("log lines of demo-node-1");

    [Theory]
    [InlineData("""{"hits":{"total":{"value":3,"relation":"eq"},"hits":[{"_source":{"message":"It fell off."}}]}}""", 3, "It fell off.")]
    [InlineData("""{"hits":{"total":0,"hits":[]}}""", 0, "no hit")]
    [InlineData("""{"events":[{"title":"a"},{"title":"b"}],"next":null}""", 2, "a")]
    [InlineData("""{"captures":[{"id":"1","words":"recorded"}]}""", 1, "recorded")]
    [InlineData("""{"logs":[]}""", 0, "none")]
    [InlineData("""{"error":"x"}""", 0, "no answer to a search")]
    public void An_answer_says_how_many_and_the_first_in_words(string answer, long found, string words) => SearchVerdict.Read(answer).Should().Be((found, words));

    [Fact]
    public async Task A_search_that_finds_nothing_in_time_is_missing()
    {
        var clock = new ManualTimeProvider(Start);
        using var server = new Server();
        using var http = new HttpClient(server);
        var said = new List<string>();
        var verdict = new SearchVerdict(http, said.Add, clock).MissingAsync([new DemoSearch("x", new Uri("http://search.example/x")), new DemoSearch("y", new Uri("http://search.example/y"))], default);
        await Eventually.HoldsAsync("the verdict comes", () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return verdict.IsCompleted;
        });

        (await verdict).Should().Equal("a search finds nothing (none): x: curl -s 'http://search.example/x'");
        said.Should().Contain("   finds 1, such as: found");
    }

    private static IEnumerable<string> Asked(Uri? elasticsearch)
    {
        var record = new EventRecord { Id = EventId.Of("one"), Time = Start, Node = "demo-node-2", Kind = EventKinds.Xid, Code = 79, Title = "off" };
        var played = new PlayedIncident(DemoIncident.Programme[0], new DemoNode(2, "demo-node-2", "/d", "127.0.0.1:9462"), 3, Start, record);
        return new DemoSearches("127.0.0.1:9461", elasticsearch, Start).Of([played], Captured).Select(static search => search.ToString());
    }

    private sealed class Server : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new StringContent(request.RequestUri!.AbsolutePath == "/y" ? """{"logs":[{"message":"found"}]}""" : """{"logs":[]}""", Encoding.UTF8, "application/json"),
        });
    }
}
