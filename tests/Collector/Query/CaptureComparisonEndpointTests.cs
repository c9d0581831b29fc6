using System.Net;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Contracts.Captures;
using Monitoring.Tests.Collector.Captures;
using Xunit;

namespace Monitoring.Tests.Collector.Query;

public sealed class CaptureComparisonEndpointTests
{
    private const string Missing = "ffffffffffffffffffffffffffffffff";

    [Fact]
    public async Task Two_captures_are_compared_by_each_profiler_that_summarised_both()
    {
        await using var running = await CaptureCollector.StartAsync();
        var before = await SendAsync(running, 1, Counters(600), Gpu(ProfilerNames.NsysSystem, 0.9));
        var after = await SendAsync(running, 2, Gpu(ProfilerNames.NsysSystem, 0.4), Counters(300), Gpu(ProfilerNames.Kineto, 0.1));

        var (status, answer) = await AskAsync(running, $"before={before}&after={after}");

        status.Should().Be(HttpStatusCode.OK);
        answer.GetProperty("before").GetString().Should().Be(before);
        answer.GetProperty("after").GetString().Should().Be(after);
        answer.GetProperty("before_is_control").GetBoolean().Should().BeFalse();
        answer.GetProperty("comparisons").EnumerateArray().Select(static one => one.GetProperty("profiler").GetString()).Should().Equal(ProfilerNames.Counters, ProfilerNames.NsysSystem);
        answer.GetProperty("comparisons")[0].GetProperty("comparison").GetProperty("differences")[0].GetProperty("after").GetDouble().Should().Be(300);
        Words(answer).Should().Equal("counters: gpu_power_watts of GPU 0 was 300, 600 before.", "nsys_system: SMs Active of GPU 0 was 40 %, 90 % before.");
    }

    [Fact]
    public async Task One_profiler_alone_is_not_named_in_each_sentence()
    {
        await using var running = await CaptureCollector.StartAsync();
        var (first, second) = (await SendAsync(running, 1, Counters(600)), await SendAsync(running, 2, Counters(300)));

        Words((await AskAsync(running, $"before={first}&after={second}")).Answer).Should().Equal("gpu_power_watts of GPU 0 was 300, 600 before.");
        Words((await AskAsync(running, $"before={second}&after={first}")).Answer).Should().Equal("gpu_power_watts of GPU 0 was 600, 300 before.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_control_is_what_its_victim_is_held_against_in_whichever_order(bool isControlFirst)
    {
        await using var running = await CaptureCollector.StartAsync();
        var victim = await SendAsync(running, 1, Counters(300));
        var control = await SendControlAsync(running, 2, victim, Counters(600));

        var (status, answer) = await AskAsync(running, isControlFirst ? $"before={control}&after={victim}" : $"before={victim}&after={control}");

        status.Should().Be(HttpStatusCode.OK);
        answer.GetProperty("before").GetString().Should().Be(control);
        answer.GetProperty("before_is_control").GetBoolean().Should().BeTrue();
        Words(answer).Should().Equal("gpu_power_watts of GPU 0 was 300, 600 in the control.");
    }

    [Fact]
    public async Task What_has_nothing_in_common_is_refused_with_what_each_has()
    {
        await using var running = await CaptureCollector.StartAsync();
        var (first, second) = (await SendAsync(running, 1, Counters(1)), await SendAsync(running, 2, Gpu(ProfilerNames.Kineto, 1)));

        await ShouldBeRefusedAsync(running, $"before={first}&after={second}", HttpStatusCode.Conflict, "nothing_in_common", $"{first} has counters, {second} has kineto");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("[]")]
    [InlineData("[null]")]
    [InlineData("null")]
    public async Task A_capture_without_a_summary_is_named(string? summary)
    {
        await using var running = await CaptureCollector.StartAsync();
        var with = await SendAsync(running, 1, Counters(1));
        var without = new SomeCapture(2, 10);
        if (summary is not null) without.With(CaptureManifest.SummaryFileName, summary);
        await running.Sender.UploadAsync(without);

        await ShouldBeRefusedAsync(running, $"before={with}&after={without.Id}", HttpStatusCode.Conflict, "no_summary", $"capture {without.Id} (after) has no summary here: it is done");
        await ShouldBeRefusedAsync(running, $"before={without.Id}&after={with}", HttpStatusCode.Conflict, "no_summary", "(before)");
    }

    [Fact]
    public async Task A_summary_that_cannot_be_read_and_a_capture_under_way_are_said()
    {
        await using var running = await CaptureCollector.StartAsync();
        var with = await SendAsync(running, 1, Counters(1));
        var broken = new SomeCapture(2, 10).With(CaptureManifest.SummaryFileName, """[{"profiler":7}]""");
        await running.Sender.UploadAsync(broken);
        running.Catalogue.Requested(new SomeCapture(3).Request);

        await ShouldBeRefusedAsync(running, $"before={with}&after={broken.Id}", HttpStatusCode.Conflict, "no_summary", "cannot be read");
        await ShouldBeRefusedAsync(running, $"before={with}&after={SomeCapture.IdOf(3)}", HttpStatusCode.Conflict, "no_summary", "it is requested");
    }

    [Fact]
    public async Task An_unknown_capture_and_a_wrong_parameter_are_refused()
    {
        await using var running = await CaptureCollector.StartAsync();
        var known = await SendAsync(running, 1, Counters(1));

        await ShouldBeRefusedAsync(running, $"before={known}&after={Missing}", HttpStatusCode.NotFound, "unknown", $"no capture {Missing} is known (after)");
        await ShouldBeRefusedAsync(running, $"before={Missing}&after={known}", HttpStatusCode.NotFound, "unknown", "(before)");
        await ShouldBeRefusedAsync(running, $"before={known}", HttpStatusCode.BadRequest, "parameter", "after is '', expected a capture's id");
        await ShouldBeRefusedAsync(running, $"before=..%2F..%2Fetc&after={known}", HttpStatusCode.BadRequest, "parameter", "before is '../../etc'");
        await ShouldBeRefusedAsync(running, $"before={known}&after={known}&after={known}", HttpStatusCode.BadRequest, "parameter", "given once");
        await ShouldBeRefusedAsync(running, $"before={known}&after={known}&with=x", HttpStatusCode.BadRequest, "parameter", "with is no parameter; known are before and after");
    }

    private static ProfilerSummary Counters(double watts) => new(ProfilerNames.Counters) { Counters = [new CounterMeans(0, "gpu_power_watts", null, watts, null)] };

    private static ProfilerSummary Gpu(string profiler, double busy) => new(profiler) { Metrics = [new GpuMetric(0, "SMs Active", "Throughput %", 9, busy * 100, 0, 100, 90) { Gpu = 0 }] };

    private static Task<string> SendAsync(CaptureCollector running, int number, params ProfilerSummary[] summaries) => SendAsync(running, new SomeCapture(number, 10), null, summaries);

    private static Task<string> SendControlAsync(CaptureCollector running, int number, string victim, params ProfilerSummary[] summaries) => SendAsync(running, new SomeCapture(number, 10), victim, summaries);

    private static async Task<string> SendAsync(CaptureCollector running, SomeCapture capture, string? victim, ProfilerSummary[] summaries)
    {
        capture.Files[CaptureManifest.SummaryFileName] = JsonSerializer.SerializeToUtf8Bytes(summaries, CaptureJson.Default.ProfilerSummaryArray);
        foreach (var (name, bytes) in capture.Files) await running.Sender.UploadAsync(capture, name, bytes);
        var manifest = capture.Manifest with { Request = capture.Request with { ControlOf = victim } };
        (await running.Sender.UploadAsync(capture, CaptureManifest.FileName, JsonSerializer.SerializeToUtf8Bytes(manifest, CaptureJson.Default.CaptureManifest))).Should().Be(UploadMetadata.CaptureDone);
        return capture.Id;
    }

    private static IEnumerable<string?> Words(JsonElement answer) => answer.GetProperty("words").EnumerateArray().Select(static one => one.GetString());

    private static async Task<(HttpStatusCode Status, JsonElement Answer)> AskAsync(CaptureCollector running, string query)
    {
        using var answer = await running.Collector.AskAsync("/api/v1/captures/compare?" + query);
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return (answer.StatusCode, body.RootElement.Clone());
    }

    private static async Task ShouldBeRefusedAsync(CaptureCollector running, string query, HttpStatusCode status, string reason, string error)
    {
        var (found, answer) = await AskAsync(running, query);
        found.Should().Be(status);
        answer.GetProperty("reason").GetString().Should().Be(reason);
        answer.GetProperty("error").GetString().Should().Contain(error);
    }
}
