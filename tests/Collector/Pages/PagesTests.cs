using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;
using Monitoring.Tests.Collector.Captures;
using Monitoring.Tests.Collector.Events;
using Monitoring.Tests.Collector.Logs;
using Xunit;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Tests.Collector.Pages;

public sealed partial class PagesTests
{
    private const string Hostile = "<script>alert('1')</script>\"'><img src=x onerror=alert(2)>&amp;";

    [Fact]
    public async Task The_start_shows_the_ways() => Golden("start.html", await (await StartAsync()).GetAsync("/"));

    [Fact]
    public async Task Events_are_shown_newest_first_with_their_links()
    {
        await using var collector = await StartAsync();
        var ended = SomeEvent.Record(4) with { Phase = EventPhase.Ended, Incident = SomeEvent.IdOf(1), Gpu = null, Code = null, Kind = EventKinds.Anomaly, Severity = EventSeverity.Warning };
        var capture = SomeEvent.Record(5) with
        {
            Kind = EventKinds.Capture, Code = null, Severity = EventSeverity.Info, Title = "Capture done: recorded 5 s",
            Evidence = new EventEvidence { Details = new Dictionary<string, string> { [CaptureEventDetails.Capture] = EventId.Of("capture", "5") } },
        };
        var advised = SomeEvent.Record(3) with { SuggestedAction = "Drain the node and boot it.", Runbook = "https://runbooks.example/gpu?a=1&b=2", Capture = "refused: cooldown" };
        await PushAsync(collector, SomeEvent.Record(2), advised, ended, capture);
        Golden("events.html", await collector.GetAsync("/events"));
        Golden("events-filtered.html", await collector.GetAsync("/events?limit=1&severity=critical&node=&since=2026-01-01T00:00&until=2026-01-01T00:00:30"));
    }

    [Fact]
    public async Task A_wrong_filter_is_said_on_the_page_and_the_form_keeps_it()
    {
        await using var collector = await StartAsync();
        using var answer = await collector.AskAsync("/events?gpu=first&node=n1");
        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).Should().ContainAll("gpu is &#x27;first&#x27;, expected the index of a GPU on its node, such as 0", "name=\"node\" value=\"n1\"");
    }

    [Fact]
    public async Task Pages_lead_to_older_events_and_back_with_the_same_filter()
    {
        await using var collector = await StartAsync();
        await PushAsync(collector, [.. Enumerable.Range(0, 25).Select(SomeEvent.Record)]);
        var seen = new List<string>();
        var path = "/events?limit=4&node=n1&code=79";
        for (var pages = 0; pages < 10; pages++)
        {
            var html = await collector.GetAsync(path);
            seen.AddRange(EventTitle().Matches(html).Select(static match => match.Value));
            if (!NextPage().Match(html).Groups["path"].Success) break;
            path = WebUtility.HtmlDecode(NextPage().Match(html).Groups["path"].Value);
            path.Should().StartWith("/events?code=79&node=n1&limit=4&after=");
        }

        seen.Should().Equal(Enumerable.Range(0, 25).Where(static number => number % 3 == 1).Reverse().Select(static number => $"Event {number}"));
        (await collector.GetAsync(path)).Should().Contain("<a href=\"/events?code=79&amp;node=n1&amp;limit=4\">newest</a>");
    }

    [Fact]
    public async Task Captures_are_shown_with_what_they_found_and_their_files()
    {
        await using var running = await CaptureCollector.StartAsync(clock: new ManualTimeProvider(SomeCapture.Start.AddHours(1)));
        var summary = $$"""[{"profiler":"nsys_system","triage":[{"code":"power_braked","words":"Power braked for 3.1 of 5 s.","values":[]}]},{"profiler":"counters","triage":[{"code":"unremarkable","words":"Nothing stands out.","values":[]}]}]""";
        await running.Sender.UploadAsync(new SomeCapture(1, 100_000) { Gpus = [0, 3] }.With(CaptureManifest.SummaryFileName, summary));
        await running.Sender.UploadAsync(new SomeCapture(2, 10) { Trigger = TriggerKinds.Person, Rule = "alice", Node = "node-2" });
        Golden("captures.html", await running.Collector.GetAsync("/captures"));
        (await running.Collector.GetAsync("/captures?text=braked")).Should().Contain(SomeCapture.IdOf(1)).And.NotContain(SomeCapture.IdOf(2));
    }

    [Fact]
    public async Task Log_lines_are_shown()
    {
        await using var collector = await StartAsync();
        await PushLinesAsync(collector, SomeLine.Json(1), SomeLine.Json(2, "warning"),
            """{"@timestamp":"2026-01-01T00:00:03Z","message":"It broke.","log":{"level":"error","logger":"Some.Part"},"host":{"name":"n1"},"service":{"name":"gpu-agent"},"error":{"stack_trace":"System.IO.IOException: full\n   at Some.Part"}}""");
        Golden("logs.html", await collector.GetAsync("/logs"));
        (await collector.GetAsync("/logs?text=nothing")).Should().Contain("No lines are kept that fit.");
    }

    [Fact]
    public async Task Whatever_nodes_call_themselves_is_text_on_the_page_and_never_markup()
    {
        await using var running = await CaptureCollector.StartAsync(clock: new ManualTimeProvider(SomeCapture.Start.AddHours(1)));
        var collector = running.Collector;
        var record = SomeEvent.Record(1) with
        {
            Node = Hostile, Cluster = Hostile, Title = Hostile, SuggestedAction = Hostile, Capture = Hostile, Incident = Hostile, Gpu = new GpuReference(null, Hostile),
            Evidence = new EventEvidence { Details = new Dictionary<string, string> { [CaptureEventDetails.Capture] = Hostile } },
        };
        await PushAsync(collector, record, SomeEvent.Record(2) with { Runbook = "javascript:alert(3)" }, SomeEvent.Record(3) with { Runbook = "https://x.example/\"onclick=\"alert(4)" });
        await PushLinesAsync(collector, SomeLine.Json(1, "info", Hostile.Replace("\"", "\\\"", StringComparison.Ordinal)));
        await running.Sender.UploadAsync(new SomeCapture(1, 10) { Rule = Hostile, Words = Hostile, Job = Hostile });
        foreach (var path in (string[])["/events", "/captures", "/logs", $"/events?node={Uri.EscapeDataString(Hostile)}", $"/captures?text={Uri.EscapeDataString(Hostile)}&x={Uri.EscapeDataString(Hostile)}", $"/logs?{Uri.EscapeDataString(Hostile)}=1"])
        {
            using var answer = await collector.AskAsync(path);
            var html = await answer.Content.ReadAsStringAsync();
            Elements(html).Should().NotContain(static element => element.Name.LocalName == "script" || element.Name.LocalName == "img", path);
            Elements(html).SelectMany(static element => element.Attributes()).Should().NotContain(static attribute =>
                attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal) || attribute.Value.StartsWith("javascript:", StringComparison.Ordinal), path);
        }
    }

    [Fact]
    public void Any_text_comes_back_from_text_and_attributes_as_it_went_in()
    {
        Prop.ForAll<NonNull<string>>(static given =>
        {
            // What HTML cannot carry: half characters, and controls that a reader drops.
            var text = new string([.. given.Get.Where(static letter => !char.IsSurrogate(letter) && !char.IsControl(letter) && letter < '\uFFFE')]);
            var html = new Monitoring.Collector.Pages.Html();
            html.Add($"<p title=\"{text}\">{text}</p>");
            var element = XElement.Parse(html.ToString().Replace("&#xA0;", "\u00a0", StringComparison.Ordinal), LoadOptions.PreserveWhitespace);
            return element.Value == text && !element.HasElements && element.Attribute("title")!.Value == text;
        }).Check(Fuzzing.Cases(100));
    }

    [Fact]
    public async Task The_policy_lets_the_browser_load_and_run_nothing_but_the_style()
    {
        await using var collector = await StartAsync();
        using var answer = await collector.AskAsync("/events");
        var style = StyleText().Match(await answer.Content.ReadAsStringAsync()).Groups["style"].Value;
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        answer.Headers.GetValues("Content-Security-Policy").Single().Should().Be($"default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
        answer.Headers.GetValues("X-Content-Type-Options").Should().Equal("nosniff");
    }

    private static Task<RunningCollector> StartAsync() =>
        RunningCollector.StartAsync(time: new ManualTimeProvider(SomeEvent.Start.AddHours(1)));

    private static void Golden(string name, string html)
    {
        Elements(html).Should().NotBeEmpty("it is well-formed");
        GoldenFile.Check("Collector/pages/" + name, html);
    }

    /// <summary>The elements of a page, which is XML but for its first line and what has no end tag.</summary>
    private static List<XElement> Elements(string html)
    {
        var xml = VoidElement().Replace(html.Replace("<!DOCTYPE html>\n", "", StringComparison.Ordinal).Replace(" selected>", " selected=\"\">", StringComparison.Ordinal), "$0</$1>");
        return [.. XDocument.Parse(xml).Descendants()];
    }

    private static async Task PushAsync(RunningCollector collector, params EventRecord[] records)
    {
        using var answer = await collector.PostAsync("/v1/events", SomeEvent.Body(records), "application/x-ndjson", null);
        (await answer.Content.ReadAsStringAsync()).Should().Contain($"\"accepted\":{records.Length}");
    }

    private static async Task PushLinesAsync(RunningCollector collector, params string[] lines)
    {
        using var answer = await collector.PostAsync("/v1/logs/_bulk", SomeLine.Body([.. lines.Select(static (json, number) => (SomeLine.Index, $"a-{number}", json))]), "application/x-ndjson", null);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("\"errors\":false");
    }

    [GeneratedRegex(@"Event \d+")]
    private static partial Regex EventTitle();

    [GeneratedRegex("<a href=\"(?<path>[^\"]*)\" rel=\"next\">older</a>")]
    private static partial Regex NextPage();

    [GeneratedRegex("<style>(?<style>.*)</style>", RegexOptions.Singleline)]
    private static partial Regex StyleText();

    [GeneratedRegex("<(meta|input|br)\\b[^>]*>")]
    private static partial Regex VoidElement();
}
