using System.Net;
using System.Text.Json;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Tests.Collector.Events;
using Xunit;

namespace Monitoring.Tests.Collector.Ingest;

/// <summary>Whatever a body holds, the answer is one that a sender can act on, and what was good before is still there.</summary>
public sealed class EventFuzzTests
{
    [Fact]
    public async Task Bodies_that_are_damaged_anywhere_never_make_an_error_of_the_server()
    {
        await using var collector = await RunningCollector.StartAsync(time: new ManualTimeProvider(SomeEvent.Start.AddHours(1)));
        var body = SomeEvent.Body(1, 2, 3);
        var damages = Gen.ListOf(Gen.Zip(Gen.Choose(0, body.Length - 1), Gen.Choose(0, 255))).ToArbitrary();
        Prop.ForAll(damages, damage =>
        {
            var damaged = body.ToArray();
            foreach (var (at, value) in damage) damaged[at] = (byte)value;
            return IsAnswered(collector, damaged, null);
        }).Check(Fuzzing.Cases(300));
    }

    [Fact]
    public async Task Bodies_of_any_bytes_never_make_an_error_of_the_server()
    {
        await using var collector = await RunningCollector.StartAsync();
        Prop.ForAll<byte[], bool>((bytes, isGzip) => IsAnswered(collector, bytes, isGzip ? "gzip" : null)).Check(Fuzzing.Cases(300));
    }

    [Fact]
    public async Task Json_of_any_shape_never_makes_an_error_of_the_server()
    {
        await using var collector = await RunningCollector.StartAsync();
        var id = SomeEvent.IdOf(1);
        string[] values = ["null", "1", "-1e400", "\"\"", "\"x\"", "[]", "[null]", "{}", "{\"index\":null,\"uuid\":null}", "true", "\"\\ud800\"", "\"2026-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999-14:00\"", $"\"{id}\"", "{\"sources\":null,\"values\":[null],\"details\":{\"a\":null}}"];
        string[] names = ["id", "time", "boot_id", "cluster", "node", "gpu", "kind", "code", "rule", "component", "severity", "phase", "incident", "title", "evidence", "suggested_action", "runbook", "process", "job", "capture", "x"];
        var properties = Gen.ListOf(Gen.Zip(Gen.Elements(names), Gen.Elements(values))).ToArbitrary();
        Prop.ForAll(properties, list =>
        {
            var more = string.Concat(list.Select(static property => $",\"{property.Item1}\":{property.Item2}"));
            var line = $$"""{"id":"{{id}}","time":"2026-01-01T00:00:00Z","node":"n","kind":"xid","title":"t"{{more}}}""";
            return IsAnswered(collector, System.Text.Encoding.UTF8.GetBytes(line), null);
        }).Check(Fuzzing.Cases(500));
        using var page = JsonDocument.Parse(await collector.GetAsync("/api/v1/events?kind=xid&node=n"));
        page.RootElement.GetProperty("events").ValueKind.Should().Be(JsonValueKind.Array);
    }

    private static bool IsAnswered(RunningCollector collector, byte[] body, string? encoding)
    {
        using var answer = collector.PostAsync("/v1/events", body, "application/x-ndjson", encoding).GetAwaiter().GetResult();
        using var json = JsonDocument.Parse(answer.Content.ReadAsStringAsync().GetAwaiter().GetResult());
        return answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest;
    }
}
