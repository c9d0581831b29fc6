using System.Net;
using System.Text;
using System.Text.Json;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Monitoring.Agent.Exposition.Api;
using Monitoring.Contracts.Captures;
using Monitoring.Tests.Agent.Capture;
using Monitoring.Tests.Agent.Commands;
using Monitoring.Tests.Install;
using Xunit;

namespace Monitoring.Tests.Agent.Exposition.Api;

/// <summary>Captures over HTTP, and by the commands that ask there.</summary>
public sealed class CapturesEndpointTests : IAsyncLifetime
{
    private readonly CaptureUnderTest test = new();
    private readonly HttpClient http = new();
    private WebApplication? app;

    public async ValueTask InitializeAsync()
    {
        await test.StartAsync();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "gpu-agent" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        app = builder.Build();
        app.UseRouting();
        app.MapCaptures(test.Service, test.Settings, CaptureUnderTest.Identity, test.Time);
        await app.StartAsync();
        http.BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public async ValueTask DisposeAsync()
    {
        await app!.DisposeAsync();
        http.Dispose();
        await test.DisposeAsync();
    }

    [Fact]
    public async Task A_capture_can_be_asked_for_followed_and_listed()
    {
        var (status, asked) = await PostAsync("/api/v1/captures", """{"gpus":[0,"GPU-1"],"duration":"2s","profilers":["nsys_system"],"who":"alice","reason":"slow"}""");
        status.Should().Be(HttpStatusCode.Accepted);
        var id = asked.GetProperty("id").GetString()!;
        asked.GetProperty("words").GetString().Should().Be($"accepted: {id}");
        test.End(id).Stage.Should().Be(CaptureStage.Done);

        var one = await GetAsync($"/api/v1/captures/{id}");
        one.GetProperty("progress").GetProperty("stage").GetString().Should().Be("done");
        one.GetProperty("trigger").GetProperty("name").GetString().Should().Be("alice");
        one.GetProperty("results").GetProperty("nsys_system").GetString().Should().Be("done");
        test.Manifest(id).Gpus.Select(static gpu => gpu.Index).Should().Equal(0, 1);
        var all = await GetAsync("/api/v1/captures");
        all.GetProperty("finished")[0].GetProperty("id").GetString().Should().Be(id);
        all.GetProperty("profilers").EnumerateArray().Select(static profiler => (profiler.GetProperty("profiler").GetString(), profiler.GetProperty("can").GetBoolean()))
            .Should().Equal(("counters", true), ("nsys_session", false), ("kineto", false), ("nsys_system", true));
    }

    [Theory]
    [InlineData("""{"who":"alice","duration":"soon"}""", "duration is 'soon', expected a duration such as 5s")]
    [InlineData("""{"duration":"5s"}""", "who is missing")]
    [InlineData("""{"who":"alice","id":"x"}""", "id is 'x', expected 32")]
    [InlineData("""{"who":"alice","profilers":[null]}""", "a list has an element that is null")]
    [InlineData("""{"who":""", "the body is no JSON of the form")]
    [InlineData("null", "the body is null")]
    public async Task What_is_wrong_is_said(string body, string error)
    {
        var (status, answer) = await PostAsync("/api/v1/captures", body);

        status.Should().Be(HttpStatusCode.BadRequest);
        answer.GetProperty("error").GetString().Should().StartWith(error);
    }

    [Theory]
    [InlineData("""{"who":"alice","gpus":[7]}""", HttpStatusCode.BadRequest, "unknown_gpu")]
    [InlineData("""{"who":"alice","gpus":[true]}""", HttpStatusCode.BadRequest, "unknown_gpu")]
    [InlineData("""{"who":"alice","duration":"2m"}""", HttpStatusCode.BadRequest, "invalid")]
    [InlineData("""{"who":"alice","profilers":["perf"]}""", HttpStatusCode.BadRequest, "invalid")]
    public async Task A_refusal_has_its_reason(string body, HttpStatusCode expected, string refusal)
    {
        var (status, answer) = await PostAsync("/api/v1/captures", body);

        (status, answer.GetProperty("refusal").GetString()).Should().Be((expected, refusal));
    }

    [Fact]
    public async Task A_web_page_cannot_ask_and_nothing_unknown_is_found()
    {
        using var form = new StringContent("""{"who":"alice"}""", Encoding.UTF8, "text/plain");
        (await http.PostAsync(new Uri("/api/v1/captures", UriKind.Relative), form)).StatusCode.Should().Be(HttpStatusCode.UnsupportedMediaType);
        (await http.GetAsync(new Uri("/api/v1/captures/none", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await http.GetAsync(new Uri("/api/v1/captures?node=x", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("Origin", "http://rebound.example:9400")]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    public async Task A_page_whose_name_was_made_to_lead_here_cannot_ask(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/v1/captures", UriKind.Relative)) { Content = new StringContent("""{"who":"alice"}""", Encoding.UTF8, "application/json") };
        request.Headers.Add(header, value);

        (await http.SendAsync(request)).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        test.Service.All().Should().BeEmpty();
    }

    [Fact]
    public async Task Lists_that_are_asked_for_often_do_not_start_programs_each_time()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => GetAsync("/api/v1/captures")));
        test.System.Asked.Should().Be(1);

        test.System.Ability = test.System.Ability with { Can = false };
        test.Time.Advance(TimeSpan.FromSeconds(11));

        (await GetAsync("/api/v1/captures")).GetProperty("profilers").EnumerateArray().Last().GetProperty("can").GetBoolean().Should().BeFalse();
    }

    [Fact]
    public async Task A_capture_that_waits_can_be_taken_back()
    {
        var (_, asked) = await PostAsync("/api/v1/captures", $$"""{"who":"alice","start_at":"{{test.Time.GetUtcNow() + TimeSpan.FromMinutes(5):O}}"}""");
        var id = asked.GetProperty("id").GetString()!;

        (await PostAsync($"/api/v1/captures/{id}/cancel", "{}")).Status.Should().Be(HttpStatusCode.OK);

        test.End(id).Stage.Should().Be(CaptureStage.Cancelled);
        (await PostAsync($"/api/v1/captures/{id}/cancel", "{}")).Status.Should().Be(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task The_commands_ask_wait_and_list()
    {
        var url = http.BaseAddress!.ToString();
        var waiting = Installer.RunProgramAsync(CheckCommandTests.Program, ["capture", "--url", url, "--gpu", "1", "--duration", "1s", "--profiler", "nsys_system", "--wait"]);
        test.Until(() => waiting.IsCompleted);
        var outcome = await waiting;
        outcome.ExitCode.Should().Be(0, outcome.Output);
        outcome.Output.Should().StartWith("accepted: ").And.Contain("\ndone: counters: ");

        var list = await Installer.RunProgramAsync(CheckCommandTests.Program, ["captures", "--url", url]);
        list.Output.Should().Contain("profiler kineto: cannot (unsafe_pytorch): torch 2.6\n").And.Contain("done, GPU 1, person ");
        (await Installer.RunProgramAsync(CheckCommandTests.Program, ["capture", "--url", url, "--gpu", "9"])).Should().Match<Installer.Outcome>(static refused => refused.ExitCode == 1 && refused.Output.StartsWith("refused: unknown_gpu: "));
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }

    private async Task<JsonElement> GetAsync(string path) => JsonDocument.Parse(await http.GetStringAsync(new Uri(path, UriKind.Relative))).RootElement;
}
