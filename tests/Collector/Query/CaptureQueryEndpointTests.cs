using System.Formats.Tar;
using System.Net;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Contracts.Captures;
using Monitoring.Tests.Collector.Captures;
using Xunit;

namespace Monitoring.Tests.Collector.Query;

public sealed class CaptureQueryEndpointTests
{
    private const string Summary = """[{"profiler":"nsys_system","triage":["The GPU stood idle for 41 % of the time, waiting for NCCL."],"kernels":[{"name":"ampere_sgemm_128x64"}]}]""";

    [Fact]
    public async Task The_newest_come_first_page_by_page()
    {
        await using var running = await StartAsync(7);
        var seen = new List<string>();
        string? next = null;
        do
        {
            var page = await AskAsync(running, "?limit=3" + (next is null ? "" : $"&after={next}"));
            seen.AddRange(page.Ids);
            next = page.Next;
        }
        while (next is not null);
        seen.Should().Equal(Enumerable.Range(0, 7).Reverse().Select(SomeCapture.IdOf));
    }

    [Theory]
    [InlineData("node=node-1", 1, 3, 5)]
    [InlineData("gpu=1", 2, 5)]
    [InlineData("rule=gpu_power_drop&job=0", 0, 2, 4, 6)]
    [InlineData("trigger=person", 3)]
    [InlineData("since=2026-01-01T00:02:00Z&until=2026-01-01T00:04:00Z&stage=done", 2, 3, 4)]
    [InlineData("text=IDLE%20nccl", 4)]
    [InlineData("text=sgemm", 4)]
    [InlineData("text=idle%20nothing")]
    [InlineData("text=alice%20h100&node=node-0&limit=1", 6)]
    [InlineData("stage=failed")]
    [InlineData("node=&rule=", 0, 1, 2, 3, 4, 5, 6)]
    public async Task Filters_are_joined(string query, params int[] expected)
    {
        await using var running = await StartAsync(7);
        (await AskAsync(running, "?" + query)).Ids.Should().Equal(expected.Reverse().Select(SomeCapture.IdOf));
    }

    [Theory]
    [InlineData("gpu=first", "gpu is 'first', expected the index of a GPU on its node, such as 0")]
    [InlineData("trigger=robot", "trigger is 'robot', expected rule, person, schedule, alert or control")]
    [InlineData("stage=late", "stage is 'late', expected a stage such as recording, done or refused")]
    [InlineData("since=yesterday", "since is 'yesterday', expected a time of RFC 3339")]
    [InlineData("limit=0", "limit is '0', expected 1 to 1000")]
    [InlineData("after=7", "after is '7', expected what 'next' of the page before says")]
    [InlineData("text=a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q", "expected at most 16 words")]
    [InlineData("hostname=n1", "hostname is no parameter; known are node, gpu, rule,")]
    [InlineData("node=a&node=b", "node is given 2 times; give it once")]
    [InlineData("since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "expected a time that is not after until")]
    public async Task A_wrong_parameter_is_named_with_value_and_remedy(string query, string error)
    {
        await using var running = await StartAsync(1);
        await ShouldBeRefusedAsync(await running.Collector.AskAsync("/api/v1/captures?" + query), HttpStatusCode.BadRequest, error);
    }

    [Fact]
    public async Task A_capture_shows_manifest_and_summary_as_the_node_wrote_them()
    {
        await using var running = await StartAsync(5);
        using var answer = JsonDocument.Parse(await running.Collector.GetAsync("/api/v1/captures/" + SomeCapture.IdOf(4)));
        var capture = answer.RootElement;
        capture.GetProperty("stage").GetString().Should().Be("done");
        capture.GetProperty("is_pinned").GetBoolean().Should().BeFalse();
        capture.GetProperty("manifest").GetProperty("processes")[0].GetProperty("command_line")[1].GetString().Should().Be("train.py");
        capture.GetProperty("summary")[0].GetProperty("triage")[0].GetString().Should().Contain("41 %");
        capture.GetProperty("request").GetProperty("trigger").GetProperty("name").GetString().Should().Be("gpu_power_drop");

        await ShouldBeRefusedAsync(await running.Collector.AskAsync("/api/v1/captures/" + SomeCapture.IdOf(99)), HttpStatusCode.NotFound, "it was never asked for here, or was removed");
        await ShouldBeRefusedAsync(await running.Collector.AskAsync("/api/v1/captures/79"), HttpStatusCode.BadRequest, "id is '79', expected 32 lower-case hexadecimal digits");
    }

    [Fact]
    public async Task A_capture_under_way_shows_where_it_stands_and_has_no_files_yet()
    {
        await using var running = await StartAsync(0);
        var capture = new SomeCapture(1);
        running.Catalogue.Requested(capture.Request);
        running.Catalogue.Progressed(new CaptureProgress(capture.Id, capture.Node, 2, SomeCapture.Start, CaptureStage.Recording, "recording 6/10 s", 0.6));
        running.Catalogue.Progressed(new CaptureProgress(capture.Id, capture.Node, 1, SomeCapture.Start, CaptureStage.Queued));
        using var answer = JsonDocument.Parse(await running.Collector.GetAsync("/api/v1/captures/" + capture.Id));
        answer.RootElement.GetProperty("stage").GetString().Should().Be("recording");
        answer.RootElement.GetProperty("words").GetString().Should().Be("recording 6/10 s");
        answer.RootElement.GetProperty("fraction").GetDouble().Should().Be(0.6);
        answer.RootElement.GetProperty("manifest").ValueKind.Should().Be(JsonValueKind.Null);
        (await AskAsync(running, "?text=power_drop&gpu=0&stage=recording")).Ids.Should().Equal(capture.Id);
        await ShouldBeRefusedAsync(await running.Collector.AskAsync($"/api/v1/captures/{capture.Id}/files/a.bin"), HttpStatusCode.NotFound, "has no files here: it is recording");
        using var refused = await running.Collector.Client.DeleteAsync(new Uri("/api/v1/captures/" + capture.Id, UriKind.Relative));
        await ShouldBeRefusedAsync(refused, HttpStatusCode.Conflict, "is recording: cancel it first");
    }

    [Fact]
    public async Task Files_come_whole_in_parts_and_not_again()
    {
        await using var running = await CaptureCollector.StartAsync();
        var capture = new SomeCapture(1, 300_000);
        await running.Sender.UploadAsync(capture);
        var bytes = capture.Files["report-0.bin"];
        var path = $"/api/v1/captures/{capture.Id}/files/report-0.bin";
        var tag = $"\"{SomeCapture.HashOf(bytes)}\"";
        using (var whole = await running.Collector.AskAsync(path))
        {
            whole.StatusCode.Should().Be(HttpStatusCode.OK);
            whole.Headers.ETag!.Tag.Should().Be(tag);
            whole.Content.Headers.ContentDisposition!.ToString().Should().Be("attachment; filename=\"report-0.bin\"");
            (await whole.Content.ReadAsByteArrayAsync()).Should().Equal(bytes);
        }
        using (var part = await running.Collector.AskAsync(path, ("Range", "bytes=1000-200999")))
        {
            part.StatusCode.Should().Be(HttpStatusCode.PartialContent);
            part.Content.Headers.ContentRange!.ToString().Should().Be("bytes 1000-200999/300000");
            (await part.Content.ReadAsByteArrayAsync()).Should().Equal(bytes[1000..201_000]);
        }
        using (var same = await running.Collector.AskAsync(path, ("Range", "bytes=-5"), ("If-Range", tag))) (await same.Content.ReadAsByteArrayAsync()).Should().Equal(bytes[^5..]);
        using (var other = await running.Collector.AskAsync(path, ("Range", "bytes=-5"), ("If-Range", "\"other\""))) (await other.Content.ReadAsByteArrayAsync()).Should().HaveCount(300_000);
        using (var beyond = await running.Collector.AskAsync(path, ("Range", "bytes=300000-")))
        {
            beyond.StatusCode.Should().Be(HttpStatusCode.RequestedRangeNotSatisfiable);
            beyond.Content.Headers.ContentRange!.ToString().Should().Be("bytes */300000");
        }
        using (var known = await running.Collector.AskAsync(path, ("If-None-Match", tag))) known.StatusCode.Should().Be(HttpStatusCode.NotModified);
        using (var head = await running.Collector.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path)))
        {
            head.Content.Headers.ContentLength.Should().Be(300_000);
            head.Headers.AcceptRanges.Should().Equal("bytes");
        }
        (await running.Collector.GetAsync($"/api/v1/captures/{capture.Id}/files/manifest.json")).Should().Be(System.Text.Encoding.UTF8.GetString(capture.ManifestJson));
        await ShouldBeRefusedAsync(await running.Collector.AskAsync($"/api/v1/captures/{capture.Id}/files/other.bin"), HttpStatusCode.NotFound, "has no file 'other.bin'; it has manifest.json, report-0.bin");
        using var escape = await running.Collector.AskAsync($"/api/v1/captures/{capture.Id}/files/..%2F..%2Fjournal%2Flock");
        escape.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_tar_has_every_file()
    {
        await using var running = await CaptureCollector.StartAsync();
        var capture = new SomeCapture(1, 70_000, 0, 513);
        await running.Sender.UploadAsync(capture);
        using var answer = await running.Collector.AskAsync($"/api/v1/captures/{capture.Id}/bundle.tar");
        answer.Content.Headers.ContentType!.MediaType.Should().Be("application/x-tar");
        answer.Content.Headers.ContentDisposition!.FileName.Should().Contain($"capture-{capture.Id}.tar");
        var found = new Dictionary<string, byte[]>();
        using var tar = new TarReader(await answer.Content.ReadAsStreamAsync());
        while (await tar.GetNextEntryAsync(copyData: true) is { } entry)
        {
            using var copy = new MemoryStream();
            if (entry.DataStream is not null) await entry.DataStream.CopyToAsync(copy);
            found.Add(entry.Name, copy.ToArray());
        }
        found.Should().HaveCount(4);
        foreach (var (name, bytes) in capture.All) found[$"capture-{capture.Id}/{name}"].Should().Equal(bytes);
    }

    [Fact]
    public async Task Pins_hold_and_outlive_the_collector()
    {
        await using var running = await StartAsync(2);
        var uri = new Uri($"/api/v1/captures/{SomeCapture.IdOf(1)}", UriKind.Relative);
        var pin = new Uri(uri + "/pin", UriKind.Relative);
        (await running.Collector.Client.PostAsync(pin, null)).StatusCode.Should().Be(HttpStatusCode.NoContent);
        await running.RestartAsync();
        await ShouldBeRefusedAsync(await running.Collector.Client.DeleteAsync(uri), HttpStatusCode.Conflict, "is pinned: unpin it first");
        (await running.Collector.Client.DeleteAsync(pin)).StatusCode.Should().Be(HttpStatusCode.NoContent);
        (await running.Collector.Client.DeleteAsync(uri)).StatusCode.Should().Be(HttpStatusCode.NoContent);
        await running.RestartAsync();
        (await AskAsync(running, "")).Ids.Should().Equal(SomeCapture.IdOf(0));
        running.FilesBelow().Should().OnlyContain(static path => path.Contains(SomeCapture.IdOf(0)));
        (await running.Collector.GetAsync("/metrics")).Should().Contain("gpu_collector_captures_stored 1").And.Contain("gpu_collector_captures_pinned 0");
    }

    private static async Task<CaptureCollector> StartAsync(int captures)
    {
        var running = await CaptureCollector.StartAsync(clock: new ManualTimeProvider(SomeCapture.Start.AddHours(1)));
        for (var number = 0; number < captures; number++)
        {
            var capture = new SomeCapture(number, 10) { Node = $"node-{number % 2}", Gpus = [0, number % 3 == 2 ? 1 : 7], Job = $"{number % 2}", Trigger = number == 3 ? TriggerKinds.Person : TriggerKinds.Rule };
            await running.Sender.UploadAsync(number == 4 ? capture.With(CaptureManifest.SummaryFileName, Summary) : capture);
        }
        return running;
    }

    private static async Task<(string[] Ids, string? Next)> AskAsync(CaptureCollector running, string query)
    {
        using var page = JsonDocument.Parse(await running.Collector.GetAsync("/api/v1/captures" + query));
        return ([.. page.RootElement.GetProperty("captures").EnumerateArray().Select(static one => one.GetProperty("id").GetString()!)], page.RootElement.GetProperty("next").GetString());
    }

    private static async Task ShouldBeRefusedAsync(HttpResponseMessage answer, HttpStatusCode status, string error)
    {
        using (answer)
        {
            answer.StatusCode.Should().Be(status);
            using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            body.RootElement.GetProperty("error").GetString().Should().Contain(error);
        }
    }
}
