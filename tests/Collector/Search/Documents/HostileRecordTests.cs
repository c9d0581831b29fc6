using System.Text;
using System.Text.Json;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Collector.Captures;
using Monitoring.Collector.Search.Documents;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;
using Monitoring.Elasticsearch.Documents;
using Xunit;

namespace Monitoring.Tests.Collector.Search.Documents;

/// <summary>What senders make of events and bundles: whatever can be read becomes a document of one line, or is refused when it is read.</summary>
public sealed class HostileRecordTests
{
    private static readonly string[] Values = ["null", "[]", "{}", "\"\"", "-1", "1e308", "\"\\ud800\"", "[null]", "true", "\"a\\u0000b\\nc\"", "{\"\":null}", "99999999999"];

    [Fact]
    public void Any_event_that_can_be_read_becomes_a_document()
    {
        var texts = SomeRecords.Events.Select(static one => Encoding.UTF8.GetString(EventJson.Write(one.Record))).ToArray();
        Check(texts, static text => EventDocument.Of(1, EventJson.Read(Encoding.UTF8.GetBytes(text)), GoldenDocuments.Places, GoldenDocuments.OpenPrivacy));
    }

    [Fact]
    public void Any_manifest_that_is_taken_becomes_a_document()
    {
        var texts = SomeRecords.Captures.Select(static one => JsonSerializer.Serialize(one.Manifest, CaptureJson.Default.CaptureManifest)).ToArray();
        Check(texts, static text => BundleManifest.Read(Encoding.UTF8.GetBytes(text), out var error) is { } manifest
            ? GoldenDocuments.Of(manifest, [], GoldenDocuments.OpenPrivacy, GoldenDocuments.Places) : throw new JsonException(error));
    }

    [Fact]
    public void Any_summary_becomes_fields_or_none()
    {
        var texts = new[] { JsonSerializer.Serialize([SomeManifests.Summary], CaptureJson.Default.ProfilerSummaryArray) };
        Check(texts, static text => GoldenDocuments.Of(SomeManifests.OfRule, [.. SummaryFields.Read(Encoding.UTF8.GetBytes(text))], GoldenDocuments.OpenPrivacy, GoldenDocuments.Places));
    }

    private static void Check(string[] texts, Func<string, SourceDocument> make)
    {
        var (made, refused) = (0, 0);
        var mutated =
            from text in Gen.Elements(texts)
            from at in Gen.Choose(0, 1_000_000)
            from value in Gen.Elements(Values)
            select Mutate(text, at, value);
        Prop.ForAll(mutated.ToArbitrary(), text =>
        {
            try
            {
                var document = make(text);
                made++;
                document.Json.Span.Contains((byte)'\n').Should().BeFalse();
                using var json = JsonDocument.Parse(document.Json);
                return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("@timestamp", out _);
            }
            catch (JsonException)
            {
                refused++;
                return true;
            }
        }).Check(Fuzzing.Cases(2000));
        made.Should().BePositive();
        (made + refused).Should().BeGreaterThanOrEqualTo(2000);
    }

    /// <summary>Puts another value in place of one of the text's.</summary>
    private static string Mutate(string text, int at, string value)
    {
        var starts = new List<(int From, int To)>();
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
        while (reader.Read())
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null) starts.Add(((int)reader.TokenStartIndex, (int)reader.BytesConsumed));
        var (from, to) = starts[at % starts.Count];
        var bytes = Encoding.UTF8.GetBytes(text);
        return Encoding.UTF8.GetString(bytes.AsSpan(0, from)) + value + Encoding.UTF8.GetString(bytes.AsSpan(to));
    }
}
