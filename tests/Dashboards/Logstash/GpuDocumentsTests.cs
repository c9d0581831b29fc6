using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using FluentAssertions;
using Monitoring.Collector.Search.Documents;
using Monitoring.Collector.Search.Privacy;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Dashboards.Logstash;

/// <summary>What comes in through Logstash is stored under the index and the id, and with the fields, that the collector gives it.</summary>
public sealed class GpuDocumentsTests
{
    private const string LogLine = """
        {"Timestamp":"2026-11-21T23:30:00.1234567-02:00","Level":"Warning","MessageTemplate":"Sending to {Url} fails: {Reason}","RenderedMessage":"Sending to \"http://c/\" fails: refused","Exception":"System.IO.IOException: no route\n   at A.B()","Properties":{"Url":"http://c/","Reason":"refused","Count":3,"SourceContext":"Monitoring.Agent.Shipping.EventPush","EventId":{"Id":3010,"Name":"LogFailing"}}}
        """;

    private static readonly DocumentPlaces Places = new("default");
    private static readonly DocumentPrivacy Privacy = DocumentPrivacy.Of(new PrivacySettings());

    public static TheoryData<string> Records => [.. SomeRecords.All.Keys];

    [Theory]
    [MemberData(nameof(Records))]
    public async Task An_event_becomes_the_document_that_the_collector_makes(string name)
    {
        var record = SomeRecords.All[name];
        var expected = EventDocument.Of(1, record, Places, Privacy);

        var made = await DocumentScript.RunAsync(Encoding.UTF8.GetString(EventJson.Write(record)));

        made.Tags.Should().BeEmpty();
        (made.Index, made.Id).Should().Be((expected.Index, expected.Id));
        var wanted = FilteredEvent.Flat(JsonNode.Parse(expected.Json.Span)!.AsObject()).ToDictionary(static field => field.Key, static field => Comparable(field.Key, field.Value));
        made.Fields.ToDictionary(static field => field.Key, static field => Comparable(field.Key, field.Value)).Should().BeEquivalentTo(wanted);
    }

    [Fact]
    public async Task A_document_that_is_ready_stays_as_it_is_without_what_the_input_adds()
    {
        const string Ready = """{"@timestamp":"2026-11-21T12:53:00.5Z","message":"m","event":{"id":"c2","dataset":"gpu.capture"},"data_stream":{"type":"logs","dataset":"gpu.capture","namespace":"prod"},"gpu":{"capture":{"id":"c2"}},"url":{"full":"http://c/captures/c2"},"tags":["x"],"port":4711}""";

        var made = await DocumentScript.RunAsync(Ready);

        (made.Index, made.Id).Should().Be(("logs-gpu.capture-prod-2026.11.01-000001", "c2"));
        made.Fields.Keys.Should().BeEquivalentTo("@timestamp", "message", "event.id", "event.dataset", "data_stream.type", "data_stream.dataset", "data_stream.namespace", "gpu.capture.id", "url.full");
        ((string)made.Fields["@timestamp"]!).Should().Be("2026-11-21T12:53:00.500000000Z");
    }

    [Fact]
    public async Task A_line_of_an_agents_log_becomes_a_document_of_its_day()
    {
        var made = await DocumentScript.RunAsync(Envelope("gpu-agent", LogLine.Trim()));

        made.Index.Should().Be("logs-gpu.agent-default-2026.11.22-000001", "that is the day in UTC");
        made.Id.Should().MatchRegex("^[0-9a-f]{32}$").And.Be((string)made.Fields["event.id"]!);
        made.Fields.Keys.Should().BeSubsetOf(FieldTable.All.Where(static field => field.Value.Streams.Contains("agent")).Select(static field => field.Key).Concat(["labels.Url", "labels.Reason", "labels.Count"]));
        ((string)made.Fields["log.level"]!).Should().Be("warning");
        ((string)made.Fields["event.code"]!).Should().Be("3010");
        ((string)made.Fields["labels.Count"]!).Should().Be("3");
        ((string)made.Fields["error.type"]!).Should().Be("System.IO.IOException");
        ((string)made.Fields["error.message"]!).Should().Be("no route");
        (await DocumentScript.RunAsync(Envelope("gpu-agent", LogLine.Trim()))).Id.Should().Be(made.Id);
        (await DocumentScript.RunAsync(Envelope("gpu-collector", LogLine.Trim()))).Index.Should().Be("logs-gpu.collector-default-2026.11.22-000001");
    }

    [Theory]
    [InlineData("""{"a":1}""")]
    [InlineData("""{"rsyslog":{"program":"gpu-agent","host":"n","time":"2026-11-21T12:00:00Z","text":"plain words"}}""")]
    [InlineData("""{"rsyslog":{"program":"gpu-agent","host":"n","time":"2026-11-21T12:00:00Z","text":"{broken"}}""")]
    [InlineData("""{"event":{"id":"x"},"data_stream":{"dataset":"nginx.access"}}""")]
    [InlineData("""{"event":{},"data_stream":{"dataset":"gpu.event"}}""")]
    [InlineData("""{"event":"x","data_stream":"y"}""")]
    [InlineData("""{"id":"aa7c19e4097b1eb07ccf6b9c638d158d","time":"yesterday","kind":"xid","node":"n"}""")]
    [InlineData("""{"id":"../evil","time":"2026-11-21T12:00:00Z","kind":"xid","node":"n"}""")]
    public async Task What_is_not_understood_is_marked_and_kept_as_it_came(string line)
    {
        var made = await DocumentScript.RunAsync(line);

        made.Tags.Should().Equal("_gpu_unknown");
        made.Index.Should().BeNull();
        foreach (var (name, value) in JsonNode.Parse(line)!.AsObject()) made.Document[name]!.ToJsonString().Should().Be(value!.ToJsonString());
    }

    [Fact]
    public async Task Values_of_any_kind_in_any_place_stop_nothing()
    {
        var random = new Random(4711);
        string[] strange = ["null", "1", "-1.5e300", "true", "\"\"", "\"x\"", "[]", "[null,1]", "{}", """{"a":{"b":null}}""", "\"2026-02-30T99:99:99Z\"", "\"\\u0000\\ud83d\\ude00\""];
        string[] samples = [.. SomeRecords.All.Values.Select(static record => Encoding.UTF8.GetString(EventJson.Write(record))), Envelope("gpu-agent", LogLine.Trim()), Envelope("kernel", "NVRM: Xid (PCI:0000:01:00): 79, pid=1, name=x, gone")];
        var lines = Enumerable.Range(0, 2000).Select(_ =>
        {
            var node = JsonNode.Parse(samples[random.Next(samples.Length)])!.AsObject();
            for (var change = random.Next(1, 4); change > 0; change--) Change(node, random, strange);
            return node.ToJsonString();
        }).ToList();

        var made = await DocumentScript.RunAsync(lines);

        made.Should().HaveCount(lines.Count);
        foreach (var one in made.SelectMany(static events => events).Where(static one => one.Tags.Count == 0))
        {
            one.Index.Should().MatchRegex(@"^logs-gpu\.(event|agent)-default-[0-9]{4}\.[0-9]{2}\.[0-9]{2}-000001$");
            one.Id.Should().NotBeNullOrEmpty();
        }
    }

    /// <summary>The envelope in which rsyslog sends a line.</summary>
    internal static string Envelope(string program, string text, string boot = "", string monotonic = "", string time = "2026-11-21T12:52:04.123456+00:00") => new JsonObject
    {
        ["rsyslog"] = new JsonObject { ["host"] = "node-1", ["program"] = program, ["time"] = time, ["boot_id"] = boot, ["monotonic"] = monotonic, ["text"] = text },
    }.ToJsonString();

    private static void Change(JsonObject node, Random random, string[] strange)
    {
        var name = node.ElementAt(random.Next(node.Count)).Key;
        if (node[name] is JsonObject { Count: > 0 } inner && random.Next(3) > 0) Change(inner, random, strange);
        else node[name] = JsonNode.Parse(strange[random.Next(strange.Length)]);
    }

    /// <summary>Times are compared as times, lists of names without their order.</summary>
    private static string Comparable(string name, JsonNode value)
    {
        if (FieldTable.All.TryGetValue(name, out var field) && field.Type == "date")
            return DateTimeOffset.Parse((string)value!, CultureInfo.InvariantCulture).UtcTicks.ToString(CultureInfo.InvariantCulture);
        return name == "related.user" ? string.Join(',', value.AsArray().Select(static one => (string)one!).Order()) : value.ToJsonString();
    }
}
