using System.Text.Json.Nodes;
using FluentAssertions;
using Monitoring.Collector.Search.Bootstrap;
using Monitoring.Collector.Search.Documents;
using Monitoring.Elasticsearch.Documents;
using Monitoring.Tests.Collector.Search.Documents;
using Monitoring.Tests.Elasticsearch.Servers;
using Xunit;

namespace Monitoring.Tests.Collector.Search.Bootstrap;

/// <summary>Templates and documents in a real server: what the fake cannot say of mappings and searches.</summary>
[Collection(nameof(RealServers))]
public sealed class RealServerTests(RealServers servers)
{
    [Fact]
    public async Task Everything_is_put_once_and_then_left_as_it_is()
    {
        await using var bench = await BootstrapBench.RealAsync(servers);

        var first = await bench.EnsureAsync();
        (await bench.EnsureAsync()).Changed.Should().BeEmpty();

        first.Changed.Should().Contain(path => path.Contains("_index_template/logs-gpu.event-" + bench.Settings.Namespace, StringComparison.Ordinal));
        first.Notes.Should().BeEmpty();
    }

    [Fact]
    public async Task Every_field_of_every_document_is_found_by_a_search_for_it()
    {
        await using var bench = await BootstrapBench.RealAsync(servers);
        await bench.EnsureAsync();
        foreach (var (name, stream, document) in GoldenDocuments.All(GoldenDocuments.OpenPrivacy, bench.Places))
        {
            var (status, said) = await bench.CreateAsync(document);
            status.Should().Be(201, $"{name}: {said}");
            var alias = bench.Places.Alias(stream);
            foreach (var (field, query) in SearchedFor.In(document, DocumentFields.Of(stream)))
                (await bench.CountAsync(alias, $$$"""{"bool":{"filter":[{"ids":{"values":["{{{document.Id}}}"]}},{{{query}}}]}}""")).Should().Be(1, $"{name} is to be found by {field}: {query}");
        }

        (await bench.CountAsync($"logs-gpu.*-{bench.Settings.Namespace}", """{"exists":{"field":"_ignored"}}""")).Should().Be(0, "no value is stored and not found");
    }

    [Fact]
    public async Task Texts_and_values_of_any_length_are_taken_and_cut_where_they_are_words()
    {
        await using var bench = await BootstrapBench.RealAsync(servers);
        await bench.EnsureAsync();
        // Two characters of UTF-16 and four bytes of UTF-8 each: what is cut in two, or is over the bytes of a term, is refused by the server.
        var endless = string.Concat(Enumerable.Repeat("\ud83d\ude00", 40_000));
        var record = SomeRecords.Events[0].Record with
        {
            Title = endless, Node = endless, SuggestedAction = "x" + endless, Runbook = endless,
            Evidence = new() { RawLine = endless, Sources = [endless], Details = new Dictionary<string, string> { [endless] = endless, ["a.b"] = "c", ["null\0byte"] = "d", [""] = "e", ["empty"] = "" } },
        };
        var manifest = SomeManifests.OfRule with { Processes = [new(1, endless, endless, CommandLine: [endless, endless])], Words = endless };

        (await bench.CreateAsync(EventDocument.Of(1, record, bench.Places, GoldenDocuments.OpenPrivacy))).Should().Match<(int Status, string Said)>(static answer => answer.Status == 201);
        (await bench.CreateAsync(GoldenDocuments.Of(manifest, [], GoldenDocuments.OpenPrivacy, bench.Places))).Should().Match<(int Status, string Said)>(static answer => answer.Status == 201);
    }

    [Fact]
    public async Task What_stands_in_no_table_is_kept_and_fills_no_mapping()
    {
        await using var bench = await BootstrapBench.RealAsync(servers);
        await bench.EnsureAsync();
        var document = new SourceDocument(1, bench.Places.Index(SearchStream.Event, SomeRecords.Start), "1", """{"@timestamp":"2026-11-21T00:00:00Z","stranger":{"field":"value"}}"""u8.ToArray());

        (await bench.CreateAsync(document)).Status.Should().Be(201);

        var mapping = await bench.Server.DoAsync("GET", $"/{document.Index}/_mapping");
        mapping.ToJsonString().Should().NotContain("stranger");
    }

    [Fact]
    public async Task An_older_version_is_brought_up_to_date_in_indices_that_are_there_too()
    {
        await using var bench = await BootstrapBench.RealAsync(servers);
        await bench.EnsureAsync();
        var (_, stream, document) = GoldenDocuments.All(GoldenDocuments.OpenPrivacy, bench.Places)[0];
        // As an older collector would have left it: fewer fields, for this namespace alone.
        await bench.Server.DoAsync("PUT", "/_index_template/" + bench.Places.Alias(stream),
            $$$"""{"index_patterns":["{{{bench.Places.Alias(stream)}}}-*"],"priority":510,"template":{"aliases":{"{{{bench.Places.Alias(stream)}}}":{} },"mappings":{"dynamic":false,"properties":{"@timestamp":{"type":"date"} } } },"_meta":{"managed_by":"gpu-collector","version":0,"digest":"old"} }""");
        (await bench.CreateAsync(document)).Status.Should().Be(201);

        var report = await bench.EnsureAsync();

        report.Changed.Should().Equal("_index_template/" + bench.Places.Alias(stream));
        report.Notes.Should().BeEmpty();
        (await bench.Server.DoAsync("GET", $"/{document.Index}/_mapping")).ToJsonString().Should().Contain("mnemonic");
    }

    [Fact]
    public async Task Indices_over_their_time_are_deleted_by_the_day_in_their_names()
    {
        await using var bench = await BootstrapBench.RealAsync(servers);
        await bench.EnsureAsync();
        bench.Settings.Streams.Event.Retention = TimeSpan.FromDays(60);
        foreach (var month in (int[])[7, 8, 11])
            (await bench.CreateAsync(new SourceDocument(1, bench.Places.Index(SearchStream.Event, new DateTimeOffset(2026, month, 9, 0, 0, 0, TimeSpan.Zero)), "1", """{"@timestamp":"2026-01-01T00:00:00Z"}"""u8.ToArray()))).Status.Should().Be(201);
        var expired = new ExpiredIndices(bench.Settings, bench.Places, new ManualTimeProvider(new DateTimeOffset(2026, 10, 30, 12, 0, 0, TimeSpan.Zero)), Microsoft.Extensions.Logging.Abstractions.NullLogger<ExpiredIndices>.Instance);

        // August holds what was said on its 31st, which is kept until the 30th of October is over.
        (await expired.DeleteAsync(bench.Client, CancellationToken.None)).Should().Be(1);
        (await expired.DeleteAsync(bench.Client, CancellationToken.None)).Should().Be(0);

        var left = (JsonObject)await bench.Server.DoAsync("GET", $"/{bench.Places.IndexPrefix(SearchStream.Event)}*/_alias");
        left.Select(static one => one.Key).Should().BeEquivalentTo([bench.Places.IndexPrefix(SearchStream.Event) + "2026.08.01-000001", bench.Places.IndexPrefix(SearchStream.Event) + "2026.11.01-000001"]);
    }

    [Fact]
    public async Task A_look_says_what_is_missing_and_which_indices_are_strangers()
    {
        await using var bench = await BootstrapBench.RealAsync(servers);
        await bench.Server.DoAsync("PUT", $"/{bench.Places.IndexPrefix(SearchStream.Event)}2026.11.01-000001", "{}");
        var inspection = new BootstrapInspection(bench.Settings, bench.Places);

        var (isGood, before) = await inspection.LookAsync(bench.Client, CancellationToken.None);
        await bench.EnsureAsync();
        var (_, after) = await inspection.LookAsync(bench.Client, CancellationToken.None);

        isGood.Should().BeTrue("the collector installs what is missing");
        before.Should().Contain(line => line == $"_index_template/logs-gpu.event-{bench.Settings.Namespace}: missing").And.Contain(static line => line.Contains("was made without the template", StringComparison.Ordinal));
        after.Should().NotContain(static line => line.EndsWith(": missing", StringComparison.Ordinal));
    }
}
