using System.Net;
using System.Net.Sockets;
using FluentAssertions;
using Monitoring.Simulator.Demo;
using Monitoring.Tests.Agent.Commands;
using Monitoring.Tests.Install;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>The two listeners of an agent that stands in for dcgm-exporter as well.</summary>
public sealed class DcgmExporterListenerTests : IDisposable
{
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(10) };

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task Each_address_has_its_own_pages_and_not_the_others()
    {
        var address = FreePort.TakeAddress();
        await using var agent = new RunningAgent();
        agent.CreateNode(gpus: 2);
        await agent.StartAsync($"compatibility: dcgm-exporter\ncompatibility_listen: {address}");
        var own = await agent.UntilAsync("both GPUs are read twice, as hardware counters need", static page => page.Count(static sample => sample.Name == "gpu_dram_active_ratio") == 2);
        using var answer = await http.GetAsync(new Uri($"http://{address}/metrics"));
        var theirs = MetricsPage.Read(await answer.Content.ReadAsStringAsync());

        own.Should().NotContain(static sample => sample.Name.StartsWith("DCGM_"));
        theirs.Should().OnlyContain(static sample => sample.Name.StartsWith("DCGM_") && sample.Labels["Hostname"] == "node-1").And.HaveCountGreaterThan(60);
        answer.Content.Headers.ContentType!.ToString().Should().Be("text/plain; version=0.0.4; charset=utf-8");
        (await http.GetStringAsync(new Uri($"http://{address}/health"))).Should().Be("OK");
        foreach (var path in (string[])["/healthz", "/readyz", "/api/v1/health", "/api/v1/captures", "/"]) (await StatusAsync(HttpMethod.Get, path)).Should().Be(HttpStatusCode.NotFound, path);
        (await StatusAsync(HttpMethod.Head, "/metrics")).Should().Be(HttpStatusCode.OK);
        (await StatusAsync(HttpMethod.Post, "/metrics")).Should().Be(HttpStatusCode.MethodNotAllowed);
        (await agent.ReadyAsync()).Should().StartWith("200");

        async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path)
        {
            using var request = new HttpRequestMessage(method, new Uri($"http://{address}{path}"));
            using var status = await http.SendAsync(request);
            return status.StatusCode;
        }
    }

    [Fact]
    public async Task Nobody_listens_for_dcgm_exporter_unless_asked()
    {
        var address = FreePort.TakeAddress();
        await using var agent = new RunningAgent();
        agent.CreateNode(gpus: 1);
        await agent.StartAsync($"compatibility_listen: {address}");
        await agent.UntilAsync("it answers", static page => page.Count > 0);

        await FluentActions.Awaiting(() => http.GetAsync(new Uri($"http://{address}/metrics"))).Should().ThrowAsync<HttpRequestException>();
    }

    [Fact]
    public async Task A_dcgm_exporter_that_still_runs_is_named_with_what_to_do()
    {
        using var exporter = new TcpListener(IPAddress.Loopback, 0);
        exporter.Start();

        var outcome = await RunAsync($"compatibility_listen={exporter.LocalEndpoint}", $"listen={FreePort.TakeAddress()}");

        outcome.ExitCode.Should().Be(1);
        outcome.Errors.Should().Contain($"cannot listen on {exporter.LocalEndpoint} (compatibility_listen): ").And.Contain("Stop dcgm-exporter").And.Contain("set compatibility_listen to another address");
    }

    [Fact]
    public async Task Another_process_on_the_agents_own_port_is_not_blamed_on_dcgm_exporter()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();

        var outcome = await RunAsync($"compatibility_listen={FreePort.TakeAddress()}", $"listen={other.LocalEndpoint}");

        outcome.ExitCode.Should().Be(1);
        outcome.Errors.Should().Contain($"cannot listen on {other.LocalEndpoint}: ").And.NotContain("dcgm-exporter");
    }

    [Fact]
    public async Task An_address_that_is_not_of_this_node_is_said_with_both_settings()
    {
        // RFC 5737: an address for documentation, which no machine has.
        var outcome = await RunAsync("compatibility_listen=192.0.2.1:9400", $"listen={FreePort.TakeAddress()}");

        outcome.ExitCode.Should().Be(1);
        outcome.Errors.Should().Contain("192.0.2.1:9400 (compatibility_listen)").And.Contain("(listen)").And.Contain("must be addresses of this node");
    }

    private static Task<Installer.Outcome> RunAsync(params string[] settings) => Installer.RunProgramAsync(CheckCommandTests.Program,
        ["run", "--set", "compatibility=dcgm-exporter", "--set", "devices.nvml_library=libnone.so", "--set", "log.level=none", .. settings.SelectMany(static setting => (string[])["--set", setting])]);

}
