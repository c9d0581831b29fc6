using System.Globalization;
using System.Text.Json.Nodes;
using FluentAssertions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.KernelLog;
using Monitoring.Collector.Search.Documents;
using Monitoring.Collector.Search.Privacy;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Dashboards.Logstash;

/// <summary>A line of the kernel's log that rsyslog sends becomes the document of the event that the node's agent makes of the same line.</summary>
public sealed class KernelLinesTests
{
    private const string Boot = "83cd763d-82c2-403a-859b-19a88be1611a";
    private const long Microseconds = 20_000_123;


    [Fact]
    public async Task Every_published_line_gets_the_id_that_the_agent_gives_it()
    {
        var lines = File.ReadLines(Requirement.SharedData("xid", "xid-lines.tsv")).Where(static line => line.Length > 0 && line[0] != '#').Select(static line => line.Split('\t')[0].Trim()).Distinct().ToList();

        var made = await DocumentScript.RunAsync(lines.Select(static line => Journalled(line)));

        made.Should().HaveCount(lines.Count);
        var xids = 0;
        foreach (var (line, events) in lines.Zip(made))
        {
            if (AgentsEvent(line) is not { Kind: EventKinds.Xid } record)
            {
                events.Should().BeEmpty($"the agent makes no XID of '{line}'");
                continue;
            }

            xids++;
            var places = new DocumentPlaces("default");
            var expected = EventDocument.Of(1, record, places, DocumentPrivacy.Of(new PrivacySettings()));
            var one = events.Should().ContainSingle(line).Subject;
            (one.Index, one.Id).Should().Be((expected.Index, expected.Id), line);
            var wanted = JsonNode.Parse(expected.Json.Span)!.AsObject();
            // The decoder of NVLink's words is the agent's alone: what it calls harmless stays a warning here.
            string[] severity = record.Code is >= 144 and <= 150 ? [] : ["event.severity", "gpu.severity", "log.level"];
            foreach (var field in (string[])[.. severity, "event.code", "gpu.xid.bucket", "gpu.xid.mnemonic", "gpu.pci.bus_id", "host.name", "host.boot.id", "process.pid", "process.name", "event.original", "gpu.runbook", "gpu.component"])
                Text(one.Fields.GetValueOrDefault(field)).Should().Be(Text(FilteredEvent.Flat(wanted).FirstOrDefault(found => found.Key == field).Value), $"{field} of '{line}'");
        }

        xids.Should().BeGreaterThan(100);
    }

    [Fact]
    public async Task A_plain_line_becomes_the_same_document_word_for_word_but_for_who_read_it()
    {
        const string Line = "NVRM: Xid (PCI:0000:52:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.";
        var record = AgentsEvent(Line)!;
        var expected = JsonNode.Parse(EventDocument.Of(1, record, new DocumentPlaces("default"), DocumentPrivacy.Of(new PrivacySettings())).Json.Span)!.AsObject();

        var made = await DocumentScript.RunAsync(Journalled(Line));

        made.Fields.Where(static field => field.Key != "@timestamp").ToDictionary(static field => field.Key, static field => field.Value.ToJsonString())
            .Should().BeEquivalentTo(FilteredEvent.Flat(expected).Where(static field => field.Key is not ("@timestamp" or "agent.type")).ToDictionary(static field => field.Key, static field => field.Value.ToJsonString()));
    }

    [Fact]
    public async Task Without_the_kernels_own_time_a_line_has_an_id_of_its_own_that_stays()
    {
        const string Line = "NVRM: Xid (PCI:0000:52:00): 79, pid=1, gone";
        var made = await DocumentScript.RunAsync([
            GpuDocumentsTests.Envelope("kernel", " " + Line), GpuDocumentsTests.Envelope("kernel", Line), GpuDocumentsTests.Envelope("kernel", Line, time: "2026-11-21T12:52:04.123457+00:00"), Journalled(Line),
        ]);

        var ids = made.Select(static events => events.Single().Id).ToList();
        ids[1].Should().Be(ids[0], "a blank before the line says nothing");
        ids.Distinct().Should().HaveCount(3);
        ((string)made[0].Single().Fields["event.provider"]!).Should().Be("syslog");
        ((string)made[3].Single().Fields["event.provider"]!).Should().Be("journal");
    }

    [Fact]
    public async Task Lines_that_are_no_XID_are_dropped() =>
        (await DocumentScript.RunAsync([GpuDocumentsTests.Envelope("kernel", "usb 1-1: new device"), GpuDocumentsTests.Envelope("kernel", "NVRM: Xid (invalid)")])).Should().OnlyContain(static events => events.Count == 0);

    private static string Journalled(string line) => GpuDocumentsTests.Envelope("kernel", line, Boot.Replace("-", "", StringComparison.Ordinal), Microseconds.ToString(CultureInfo.InvariantCulture));

    private static EventRecord? AgentsEvent(string line)
    {
        var time = DateTimeOffset.Parse("2026-11-21T12:52:04.123456Z", CultureInfo.InvariantCulture);
        if (LineDetectors.Read(new KernelLine("journal", LineKey.Of(Microseconds, line), time, line), LineContext.None) is not { } sighting) return null;
        var events = new List<EventRecord>();
        new SightingMerger(new NodeIdentity("c", "node-1", Boot), new GpuDirectory()).Take(sighting, events);
        return events.Single();
    }

    private static string Text(JsonNode? value) => value?.ToJsonString() ?? "";
}
