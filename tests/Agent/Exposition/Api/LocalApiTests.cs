using System.Net;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Exposition.Api;
using Monitoring.Contracts.Events;
using Monitoring.Tests.Agent.Detection.Health;
using Xunit;

namespace Monitoring.Tests.Agent.Exposition.Api;

public sealed class LocalApiTests : IAsyncLifetime
{
    private readonly RunningApi api = new();

    private HealthUnderTest Test => api.Test;

    public async ValueTask InitializeAsync()
    {
        Test.Health.Look();
        await api.StartAsync();
    }

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [Fact]
    public async Task Health_is_as_the_golden_file_says()
    {
        Test.Fire(HealthUnderTest.Rule("hot"), HealthUnderTest.Gpu1);
        Test.Happen(EventKinds.Xid, 94, EventSeverity.Warning, HealthUnderTest.Gpu1, component: "memory");
        Test.Happen(EventKinds.Service, null, EventSeverity.Critical, null, EventPhase.Started);
        Test.ShowGpus(HealthUnderTest.Gpu1);
        Test.Health.Look();
        GoldenFile.Check("api-health.json", (await api.GetAsync("/api/v1/health")).Body + "\n");
    }

    [Fact]
    public async Task A_gpu_is_found_by_its_index_or_uuid()
    {
        Test.Happen(EventKinds.Xid, 48, EventSeverity.Critical, HealthUnderTest.Gpu1);
        Test.Health.Look();
        foreach (var (name, state) in new[] { ("0", "healthy"), ("1", "unhealthy"), ("gpu-BBBB", "unhealthy") })
        {
            var health = JsonDocument.Parse((await api.GetAsync($"/api/v1/health?gpu={name}")).Body).RootElement;
            health.GetProperty("state").GetString().Should().Be(state);
            health.GetProperty("gpus").GetArrayLength().Should().Be(1);
        }
    }

    [Fact]
    public async Task A_component_is_looked_at_alone()
    {
        Test.Happen(EventKinds.Xid, 48, EventSeverity.Critical, HealthUnderTest.Gpu1, component: "memory");
        Test.Health.Look();
        JsonDocument.Parse((await api.GetAsync("/api/v1/health?component=memory")).Body).RootElement.GetProperty("state").GetString().Should().Be("unhealthy");
        JsonDocument.Parse((await api.GetAsync("/api/v1/health?component=pcie")).Body).RootElement.GetProperty("state").GetString().Should().Be("healthy");
    }

    [Theory]
    [InlineData("/api/v1/health?gpu=7", HttpStatusCode.NotFound, "gpu is '7', expected the index, UUID or PCI address of a GPU of this node: 0 (GPU-aaaa), 1 (GPU-bbbb)")]
    [InlineData("/api/v1/health?component=heart", HttpStatusCode.BadRequest, "component is 'heart', expected one of driver, memory")]
    [InlineData("/api/v1/health?gpus=1", HttpStatusCode.BadRequest, "'gpus' is no parameter of /api/v1/health; it has gpu, component")]
    [InlineData("/api/v1/events?limit=0", HttpStatusCode.BadRequest, "limit is '0', expected a number from 1 to 1000")]
    [InlineData("/api/v1/events?limit=-5", HttpStatusCode.BadRequest, "limit is '-5'")]
    [InlineData("/api/v1/rules?rule=nosuch", HttpStatusCode.NotFound, "rule is 'nosuch'")]
    [InlineData("/api/v1/gpus?x=1", HttpStatusCode.BadRequest, "it has none")]
    public async Task A_wrong_request_is_answered_with_the_thing_the_value_and_the_remedy(string path, HttpStatusCode status, string error)
    {
        var answer = await api.GetAsync(path);
        answer.Status.Should().Be(status);
        JsonDocument.Parse(answer.Body).RootElement.GetProperty("error").GetString().Should().Contain(error);
    }

    [Fact]
    public async Task Rules_say_where_they_stand_and_why()
    {
        api.Rules.Add(new RuleStatus("hot", HealthUnderTest.Gpu1, "", RuleState.NoData, 1_767_225_600_000_000, IsShadow: true, IsLimited: false, 2, 1, "gpu_power_watts is absent"));
        JsonDocument.Parse((await api.GetAsync("/api/v1/rules")).Body).RootElement.GetProperty("rules")[0].GetRawText().ReplaceLineEndings("").Replace(" ", "")
            .Should().Be("""{"rule":"hot","gpu":1,"uuid":"GPU-bbbb","pci_bus_id":"00000000:2A:00.0","instance":"","state":"no_data","since":"2026-01-01T00:00:00+00:00","is_shadow":true,"is_limited":false,"fired":2,"suppressed":1,"why":"gpu_power_wattsisabsent"}""");
    }

    [Fact]
    public async Task The_newest_events_are_shown()
    {
        for (var i = 0; i < 5; i++) Test.Happen(EventKinds.Xid, i, EventSeverity.Info, HealthUnderTest.Gpu0);
        var events = JsonDocument.Parse((await api.GetAsync("/api/v1/events?limit=2")).Body).RootElement.GetProperty("events");
        events.EnumerateArray().Select(static record => record.GetProperty("code").GetInt32()).Should().Equal(3, 4);
    }

    [Fact]
    public async Task A_person_clears_on_the_node()
    {
        Test.Happen(EventKinds.Xid, 64, EventSeverity.Critical, HealthUnderTest.Gpu1, component: "memory");
        var answer = await api.ClearAsync("""{"gpu":"1","component":"memory","who":"alice","why":"board was replaced"}""");
        answer.Status.Should().Be(HttpStatusCode.OK);
        JsonDocument.Parse(answer.Body).RootElement.GetProperty("cleared")[0].GetString().Should().Be("xid:64");
        Test.Now.State.Should().Be(Monitoring.Agent.Detection.HealthState.Healthy);
    }

    [Theory]
    [InlineData("""{"gpu":"7","who":"a","why":"b"}""", HttpStatusCode.NotFound, "gpu is '7'")]
    [InlineData("""{"who":"a","why":"b"}""", HttpStatusCode.BadRequest, "gpu is missing")]
    [InlineData("""{"gpu":"1","component":"heart","who":"a","why":"b"}""", HttpStatusCode.BadRequest, "component is 'heart'")]
    [InlineData("""{"gpu":"1","who":" ","why":"b"}""", HttpStatusCode.BadRequest, "who is missing")]
    [InlineData("""{"gpu":"1","who":"a"}""", HttpStatusCode.BadRequest, "why is missing")]
    [InlineData("""{"gpu":null,"component":null,"who":null,"why":null}""", HttpStatusCode.BadRequest, "gpu is missing")]
    [InlineData("[1]", HttpStatusCode.BadRequest, "the body is no JSON of the form")]
    [InlineData("null", HttpStatusCode.BadRequest, "the body is null")]
    [InlineData("", HttpStatusCode.BadRequest, "the body is no JSON of the form")]
    public async Task A_wrong_wish_is_refused_in_words(string body, HttpStatusCode status, string error)
    {
        var answer = await api.ClearAsync(body);
        answer.Status.Should().Be(status);
        answer.Body.Should().Contain(error);
    }

    [Fact]
    public async Task A_body_without_end_is_refused() =>
        (await api.ClearAsync("\"" + new string('x', 100_000) + "\"")).Body.Should().Contain("longer than 4096 bytes");

    [Fact]
    public async Task A_form_of_a_web_page_is_refused() =>
        (await api.ClearAsync("""{"gpu":"1","who":"a","why":"b"}""", "text/plain")).Status.Should().Be(HttpStatusCode.UnsupportedMediaType);

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("10.1.2.3", false)]
    [InlineData("::ffff:10.1.2.3", false)]
    [InlineData("fe80::1", false)]
    public void Only_loopback_may_clear(string address, bool isLocal) => ClearEndpoint.IsLocal(IPAddress.Parse(address)).Should().Be(isLocal);
}
