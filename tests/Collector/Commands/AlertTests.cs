using System.Diagnostics;
using System.Net;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Collector.Commands;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Collector.Commands;

public sealed class AlertTests
{
    private const string Path = "/api/v1/alertmanager";

    [Fact]
    public async Task A_firing_alert_becomes_a_capture_of_its_gpu_once_however_often_it_is_repeated()
    {
        await using var collector = await RunningCollector.StartAsync();
        await using var agent = await AgentStream.OpenAsync(collector.Client, "gpu-7");
        var message = Message(Alert(labels: """{"alertname":"GpuHot","instance":"gpu-7:9460","gpu":"3","capture":"true"}"""));

        var first = await OutcomesAsync(collector, message);
        var second = await OutcomesAsync(collector, message);
        var later = await OutcomesAsync(collector, message.Replace("2026-01-01T00:00:00Z", "2026-01-01T05:00:00Z", StringComparison.Ordinal));

        first.Should().Equal("captured");
        second.Should().Equal("repeated");
        later.Should().Equal(["captured"], "it began anew");
        var request = (await agent.NextAsync()).Capture!;
        request.Trigger.Should().Be(new CaptureTrigger(TriggerKinds.Alert, "GpuHot", "too hot"));
        request.Target.Should().BeEquivalentTo(new CaptureTarget("gpu-7", [3]));
        request.DurationSeconds.Should().Be(5);
        collector.Service<CommandQueue>().Count.Should().Be(2);
        (await collector.Client.AuditAsync("&action=alert")).Should().HaveCount(2).And.OnlyContain(static entry => entry.By == "GpuHot" && entry.Outcome == "accepted");
    }

    [Theory]
    [InlineData("""{"alertname":"A","node":"gpu-7"}""", "{}", "firing", "not_asked")]
    [InlineData("""{"alertname":"A","node":"gpu-7"}""", """{"capture":"True"}""", "firing", "captured")]
    [InlineData("""{"alertname":"A","node":"gpu-7"}""", """{"capture":"true"}""", "resolved", "resolved")]
    [InlineData("""{"alertname":"A"}""", """{"capture":"true"}""", "firing", "no_node")]
    [InlineData("""{"alertname":"A","node":"gpu-7","gpu":"GPU3"}""", """{"capture":"true"}""", "firing", "invalid")]
    [InlineData("""{"alertname":"A","node":"gpu-7","gpu":"x","uuid":"GPU-1"}""", """{"capture":"true"}""", "firing", "captured")]
    [InlineData("""{"alertname":"A","node":"GPU-7.example.org"}""", """{"capture":"true"}""", "firing", "captured")]
    [InlineData("""{"alertname":"A","node":"gpu-8"}""", """{"capture":"true"}""", "firing", "refused")]
    [InlineData("""{"alertname":"A","node":"gpu-7"}""", """{"capture":"true","capture_duration":"10s"}""", "firing", "captured")]
    [InlineData("""{"alertname":"A","node":"gpu-7"}""", """{"capture":"true","capture_duration":"10"}""", "firing", "invalid")]
    public async Task Each_alert_is_answered_with_what_was_done(string labels, string annotations, string status, string outcome)
    {
        await using var collector = await RunningCollector.StartAsync();
        await using var agent = await AgentStream.OpenAsync(collector.Client, "gpu-7");

        (await OutcomesAsync(collector, Message(Alert(labels, annotations, status)))).Should().Equal(outcome);
        var page = await collector.GetAsync("/metrics");
        page.Should().Contain($$"""gpu_collector_capture_alerts_total{outcome="{{outcome}}"} 1""").And.Contain("""gpu_collector_capture_alerts_total{outcome="left_out"} 0""");
    }

    [Fact]
    public async Task One_that_is_refused_again_for_the_same_reason_is_counted_again_and_one_event()
    {
        await using var collector = await RunningCollector.StartAsync();
        var message = Message(Alert("""{"alertname":"A","node":"gpu-7"}""", """{"capture":"true"}"""));
        for (var time = 0; time < 3; time++) await OutcomesAsync(collector, message);

        (await collector.GetAsync("/metrics")).Should().Contain("""gpu_collector_capture_refusals_total{reason="node_not_connected",trigger="alert"} 3""");
        await Eventually.HoldsAsync("the event is kept", async () => (await collector.GetAsync("/metrics")).Contains("gpu_collector_event_duplicates_total 2", StringComparison.Ordinal));
        (await collector.GetAsync("/api/v1/events")).Should().Contain("for alert A: refused: node_not_connected");
    }

    [Theory]
    [InlineData("gpu-7", "captured", "gpu-7.a.example")]
    [InlineData("GPU-7.a.example:9460", "captured", "gpu-7")]
    [InlineData("gpu-7.b.example", "refused", "gpu-7.a.example")]
    [InlineData("gpu-7", "refused", "gpu-7.a.example", "gpu-7.b.example")]
    [InlineData("gpu-7", "captured", "gpu-7", "gpu-7.b.example")]
    [InlineData("10.0.0.7", "refused", "10")]
    public async Task No_other_node_is_captured_than_the_one_that_is_meant(string label, string outcome, params string[] connected)
    {
        await using var collector = await RunningCollector.StartAsync();
        var agents = new List<AgentStream>();
        foreach (var node in connected) agents.Add(await AgentStream.OpenAsync(collector.Client, node));

        (await OutcomesAsync(collector, Message(Alert($$"""{"alertname":"A","instance":"{{label}}"}""", """{"capture":"true"}""")))).Should().Equal(outcome);
        if (outcome == "captured") (await agents[0].NextAsync()).Capture!.Target.Node.Should().Be(connected[0]);
        foreach (var agent in agents) await agent.DisposeAsync();
    }

    [Fact]
    public async Task One_that_was_refused_is_tried_again_when_it_is_repeated()
    {
        await using var collector = await RunningCollector.StartAsync(static settings => settings.Commands.Alertmanager.CaptureAll = true);
        var message = Message(Alert("""{"alertname":"A","node":"gpu-7"}"""), "null");
        (await OutcomesAsync(collector, message)).Should().Equal("refused", "invalid");
        await using var agent = await AgentStream.OpenAsync(collector.Client, "gpu-7");

        (await OutcomesAsync(collector, message)).Should().Equal("captured", "invalid");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"version":"3","alerts":[]}""")]
    [InlineData("""{"version":"4"}""")]
    [InlineData("""{"version":"4","alerts":[{"startsAt":"yesterday"}]}""")]
    public async Task What_is_no_message_is_refused_in_words(string body)
    {
        await using var collector = await RunningCollector.StartAsync();
        (await collector.Client.SendAsync(HttpMethod.Post, Path, body)).Status.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_real_Alertmanager_delivers_an_alert_and_takes_the_answer()
    {
        var program = Requirement.Program("prometheus-alertmanager");
        await using var collector = await RunningCollector.StartAsync();
        await using var agent = await AgentStream.OpenAsync(collector.Client, "gpu-7");
        await using var alertmanager = await RunningAlertmanager.StartAsync(program, new Uri(collector.Address, Path));

        await alertmanager.FireAsync("""[{"labels":{"alertname":"GpuHot","node":"gpu-7","uuid":"GPU-abc"},"annotations":{"capture":"true","summary":"GPU is hot"}}]""");

        var request = (await agent.NextAsync()).Capture!;
        request.Trigger.Should().Be(new CaptureTrigger(TriggerKinds.Alert, "GpuHot", "GPU is hot"));
        request.Target.Uuids.Should().Equal("GPU-abc");
    }

    private static string Alert(string labels, string annotations = """{"summary":"too hot"}""", string status = "firing") =>
        $$"""{"status":"{{status}}","labels":{{labels}},"annotations":{{annotations}},"startsAt":"2026-01-01T00:00:00Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://p/","fingerprint":"2f1c6a0b8a1d9e00"}""";

    private static string Message(params string[] alerts) =>
        $$"""{"version":"4","groupKey":"{}:{}","truncatedAlerts":0,"status":"firing","receiver":"captures","groupLabels":{},"commonLabels":{},"commonAnnotations":{},"externalURL":"http://am/","alerts":[{{string.Join(",", alerts)}}]}""";

    private static async Task<string[]> OutcomesAsync(RunningCollector collector, string message)
    {
        var (status, text) = await collector.Client.SendAsync(HttpMethod.Post, Path, message);
        status.Should().Be(HttpStatusCode.OK, text);
        using var json = JsonDocument.Parse(text);
        return [.. json.RootElement.GetProperty("alerts").EnumerateArray().Select(static alert => alert.GetProperty("outcome").GetString()!)];
    }

    /// <summary>A real Alertmanager that sends everything to one webhook.</summary>
    private sealed class RunningAlertmanager : IAsyncDisposable
    {
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("alertmanager-");
        private readonly HttpClient client;
        private readonly Process process;

        private RunningAlertmanager(string program, Uri webhook)
        {
            var configuration = System.IO.Path.Combine(folder.FullName, "am.yml");
            File.WriteAllText(configuration, $"""
                route:
                  receiver: captures
                  group_wait: 0s
                receivers:
                  - name: captures
                    webhook_configs:
                      - url: {webhook}

                """);
            var port = FreePort.Take();
            client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            process = Process.Start(new ProcessStartInfo(program,
                [$"--config.file={configuration}", $"--storage.path={System.IO.Path.Combine(folder.FullName, "data")}", $"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=", "--log.level=error"])
            {
                RedirectStandardError = true,
            }) ?? throw new InvalidOperationException($"{program} did not start.");
            _ = process.StandardError.ReadToEndAsync();
        }

        internal static async Task<RunningAlertmanager> StartAsync(string program, Uri webhook)
        {
            var running = new RunningAlertmanager(program, webhook);
            await Eventually.HoldsAsync("Alertmanager answers", running.AnswersAsync);
            return running;
        }

        internal async Task FireAsync(string alerts) => (await client.SendAsync(HttpMethod.Post, "/api/v2/alerts", alerts)).Status.Should().Be(HttpStatusCode.OK);

        public async ValueTask DisposeAsync()
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            client.Dispose();
            folder.Delete(recursive: true);
        }

        private async Task<bool> AnswersAsync()
        {
            try
            {
                using var answer = await client.GetAsync(new Uri("/-/ready", UriKind.Relative));
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }
}
