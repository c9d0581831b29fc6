using System.Text;
using System.Text.Json.Nodes;
using FluentAssertions;
using Monitoring.Collector.Commands;
using Monitoring.Collector.Search;
using Monitoring.Collector.Search.Bootstrap;
using Monitoring.Collector.Search.Privacy;
using Monitoring.Contracts.Commands;
using Monitoring.Contracts.Events;
using Monitoring.Tests.Collector.Captures;
using Monitoring.Tests.Collector.Events;
using Monitoring.Tests.Elasticsearch.Servers;
using Xunit;

namespace Monitoring.Tests.Collector.Search;

public sealed class SearchDeliveryTests
{
    [Fact]
    public async Task Events_captures_and_the_audit_are_found_in_their_streams()
    {
        await using var filled = await FilledServer.StartAsync();
        var capture = new SomeCapture(1, 1000).With("summary.json", """[{"profiler":"nsys_system","triage":[{"code":"nccl_bound","words":"NCCL takes 46 %.","values":[]}]}]""");

        await filled.TellAsync(Recent(1), Recent(2));
        await filled.Captures.Sender.UploadAsync(capture);
        filled.Collector.Service<AuditLog>().Append(new AuditEntry(TimeProvider.System.GetUtcNow(), AuditActions.Pin, AuditOutcomes.Accepted, "berta", "10.1.2.3", capture.Id));

        (await filled.UntilAsync("event", 2)).Select(static one => one.Id).Should().BeEquivalentTo([SomeEvent.IdOf(1), SomeEvent.IdOf(2)]);
        var stored = Json((await filled.UntilAsync("capture", 1)).Single());
        stored["gpu"]!["capture"]!["triage"]!["code"]!.AsArray().Select(static code => code!.ToString()).Should().Equal("nccl_bound");
        stored["url"]!["full"]!.ToString().Should().Be("http://collector.example:9461/api/v1/captures/" + capture.Id);
        Json((await filled.UntilAsync("audit", 1)).Single())["user"]!["name"]!.ToString().Should().Be("berta");
    }

    [Fact]
    public async Task What_was_told_while_it_was_away_is_there_when_it_comes_back_from_days_ago_too()
    {
        await using var filled = await FilledServer.StartAsync(isPaused: true);
        var old = Recent(1) with { Time = TimeProvider.System.GetUtcNow().AddDays(-40) };
        await filled.TellAsync(old, Recent(2));
        var waiting = await filled.UntilStatusAsync(static status => status.GetProperty("streams")[0].GetProperty("waiting").GetInt64() == 2 && status.TryGetProperty("trouble", out _));
        waiting.GetProperty("is_ready").GetBoolean().Should().BeFalse();

        await filled.Server.Front.ResumeAsync();

        var documents = await filled.UntilAsync("event", 2);
        documents.Single(document => document.Id == old.Id).Index.Should().Be($"logs-gpu.event-default-{old.Time:yyyy.MM}.01-000001");
        documents.Should().OnlyContain(static document => document.Version == 1);
    }

    [Fact]
    public async Task After_a_restart_of_the_collector_nothing_comes_twice_and_nothing_is_missing()
    {
        await using var filled = await FilledServer.StartAsync();
        await filled.TellAsync(Recent(1));
        await filled.Captures.Sender.UploadAsync(new SomeCapture(1, 10));
        await filled.UntilAsync("event", 1);
        await filled.UntilAsync("capture", 1);

        await filled.StopCollectorAsync();
        await filled.StartCollectorAsync();
        await filled.TellAsync(Recent(1), Recent(2));

        (await filled.UntilAsync("event", 2)).Should().OnlyContain(static document => document.Version == 1).And.HaveCount(2);
        (await filled.UntilAsync("capture", 1)).Should().ContainSingle();
        var status = await filled.UntilStatusAsync(static status => status.GetProperty("streams").EnumerateArray().All(static stream => stream.GetProperty("waiting").GetInt64() == 0));
        status.GetProperty("streams").EnumerateArray().Should().OnlyContain(static stream => stream.GetProperty("duplicates").GetInt64() == 0, "what was settled is noted at the end");
    }

    [Fact]
    public async Task Another_server_gets_everything_that_is_still_kept()
    {
        await using var filled = await FilledServer.StartAsync();
        await filled.TellAsync(Recent(1), Recent(2));
        await filled.Captures.Sender.UploadAsync(new SomeCapture(1, 10));
        await filled.UntilAsync("event", 2);
        await filled.UntilAsync("capture", 1);
        await filled.StopCollectorAsync();

        await filled.ReplaceServerAsync();
        // All fakes have one UUID: the note is what tells servers apart.
        await File.WriteAllTextAsync(filled.ClusterFile, "the-server-before\n");
        await filled.StartCollectorAsync();

        await filled.UntilAsync("event", 2);
        await filled.UntilAsync("capture", 1);
    }

    [Fact]
    public async Task A_server_that_is_another_one_while_the_collector_runs_is_filled_too()
    {
        await using var filled = await FilledServer.StartAsync();
        await filled.TellAsync(Recent(1));
        await filled.UntilAsync("event", 1);
        await filled.Server.DoAsync("DELETE", "/logs-gpu.event-default-*");
        await filled.Server.DoAsync("DELETE", "/_index_template/logs-gpu.event-default");
        await File.WriteAllTextAsync(filled.ClusterFile, "the-server-before\n");

        await filled.Collector.Service<SearchDelivery>().LookAsync(CancellationToken.None);

        await filled.UntilAsync("event", 1);
        (await filled.Server.AskAsync("GET", "/_index_template/logs-gpu.event-default")).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_template_that_somebody_deleted_is_put_back_at_the_next_look()
    {
        await using var filled = await FilledServer.StartAsync();
        await filled.UntilStatusAsync(static status => status.GetProperty("is_ready").GetBoolean());
        await filled.Server.DoAsync("DELETE", "/_index_template/logs-gpu.event-default");

        await filled.Collector.Service<SearchDelivery>().LookAsync(CancellationToken.None);

        (await filled.Server.AskAsync("GET", "/_index_template/logs-gpu.event-default")).Status.Should().Be(200);
    }

    [Fact]
    public async Task By_hand_nothing_is_sent_before_somebody_has_installed_the_templates()
    {
        await using var filled = await FilledServer.StartAsync(static settings => settings.Elasticsearch.Bootstrap = BootstrapMode.Manual);
        await filled.TellAsync(Recent(1));

        var status = await filled.UntilStatusAsync(static status => status.TryGetProperty("trouble", out _));

        status.GetProperty("trouble").GetString().Should().Contain("is not at the server, and elasticsearch.bootstrap is manual");
        (await filled.Server.ReadAllAsync("*")).Should().BeEmpty();
        (await filled.Collector.GetAsync("/healthz")).Should().Be("ok\n");
    }

    [Fact]
    public async Task Without_the_key_of_the_hashes_nothing_is_sent()
    {
        await using var filled = await FilledServer.StartAsync(static settings =>
        {
            settings.Elasticsearch.Privacy.Users = PrivacyTreatment.Hash;
            settings.Elasticsearch.Privacy.KeyFile = "/nowhere/key";
        });
        await filled.TellAsync(Recent(1) with { Job = new JobReference("slurm", "1", User: "anna") });

        var status = await filled.UntilStatusAsync(static status => status.TryGetProperty("trouble", out _));

        status.GetProperty("trouble").GetString().Should().Contain("/nowhere/key");
        filled.Server.Front.BulkRequests.Should().Be(0);
    }

    [Fact]
    public async Task Streams_that_are_switched_off_are_not_sent()
    {
        await using var filled = await FilledServer.StartAsync(static settings => settings.Elasticsearch.Streams.Audit.Send = false);

        var status = await filled.UntilStatusAsync(static status => status.GetProperty("is_ready").GetBoolean());

        status.GetProperty("streams").EnumerateArray().Select(static stream => stream.GetProperty("stream").GetString()).Should().Equal("event", "capture", "agent", "collector");
    }

    [Fact]
    public async Task The_collectors_page_has_a_series_for_each_stream()
    {
        await using var filled = await FilledServer.StartAsync();
        await filled.TellAsync(Recent(1));
        await filled.UntilStatusAsync(static status => status.GetProperty("streams")[0].GetProperty("sent").GetInt64() == 1);

        var page = await filled.Collector.GetAsync("/metrics");

        page.Should().Contain("gpu_sink_sent_total{sink=\"elasticsearch\",stream=\"event\"} 1")
            .And.Contain("gpu_sink_queue_length{sink=\"elasticsearch\",stream=\"capture\"} 0")
            .And.Contain("gpu_sink_events_dropped_total{reason=\"left_store\",sink=\"elasticsearch\",stream=\"audit\"} 0")
            .And.Contain("gpu_sink_dead_letters_total{sink=\"elasticsearch\",stream=\"event\"} 0");
    }

    [Fact]
    public async Task Without_an_address_nothing_of_it_is_made_and_the_status_says_where_things_are_found()
    {
        await using var collector = await RunningCollector.StartAsync();

        var status = await collector.GetAsync("/api/v1/elasticsearch");

        status.Should().Contain("\"is_used\":false").And.Contain("/api/v1/events");
        (await collector.GetAsync("/metrics")).Should().NotContain("gpu_sink_");
    }

    [Fact]
    public void With_an_address_and_no_state_directory_the_settings_are_refused()
    {
        var settings = new Monitoring.Collector.CollectorSettings();
        settings.Elasticsearch.Connection.Urls = [new Uri("http://127.0.0.1:9200")];

        settings.Check().Should().Contain(static mistake => mistake.Key == "state_directory");
    }

    private static EventRecord Recent(int number) => SomeEvent.Record(number) with { Time = TimeProvider.System.GetUtcNow() };

    private static JsonNode Json(StoredDocument document) => JsonNode.Parse(Encoding.UTF8.GetString(document.Json.Span))!;
}
