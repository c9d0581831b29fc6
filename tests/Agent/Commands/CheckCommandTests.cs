using System.Net;
using System.Net.Sockets;
using System.Text;
using FluentAssertions;
using Monitoring.Tests.Agent.Exposition.Api;
using Monitoring.Tests.Install;
using Monitoring.Tests.Agent.Detection.Health;
using Xunit;

namespace Monitoring.Tests.Agent.Commands;

/// <summary><c>gpu-agent check</c> as a program, against an API over HTTP and against things that are none.</summary>
public sealed class CheckCommandTests : IAsyncLifetime
{
    private readonly RunningApi api = new(time: TimeProvider.System);

    public async ValueTask InitializeAsync()
    {
        // The program's clock is the machine's: health of a node without GPUs, evaluated now.
        api.Test.ShowGpus();
        api.Test.Time.Advance(TimeProvider.System.GetUtcNow() - api.Test.Time.GetUtcNow());
        api.Test.Health.Look();
        await api.StartAsync();
    }

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [Fact]
    public async Task It_passes_and_says_so()
    {
        var outcome = await CheckAsync("--url", api.Address.ToString(), "--gpus", "none");
        outcome.Should().BeEquivalentTo(new { ExitCode = 0, Output = "healthy: node node-1, 0 GPUs\n", Errors = "" });
    }

    [Fact]
    public async Task An_agent_without_a_GPU_cannot_tell_how_GPUs_are()
    {
        var outcome = await CheckAsync("--url", api.Address.ToString());
        outcome.Should().BeEquivalentTo(new { ExitCode = 3, Output = "", Errors = "cannot tell: the agent reads no GPU: gpu-agent doctor says why. A node that has none is asked with --gpus none\n" });
    }

    [Fact]
    public async Task The_address_comes_from_the_configuration_of_the_agent()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write($"listen: 0.0.0.0:{api.Address.Port}\n", "agent.yaml");
        (await CheckAsync("--config", file, "--gpus", "none")).ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task An_unhealthy_node_is_exit_code_2_with_a_line_for_each_reason()
    {
        api.Test.Fire(HealthUnderTest.Rule("fabric_down", component: "fabric"), null);
        api.Test.Health.Look();
        var outcome = await CheckAsync("--url", api.Address.ToString());
        outcome.ExitCode.Should().Be(2);
        outcome.Output.Should().StartWith("unhealthy: node, fabric: fabric_down holds (since ").And.EndWith("; Drain the node; clears when the condition ends; runbook Book\n");
        (await CheckAsync("--url", api.Address.ToString(), "--json")).Output.Should().Contain("\"verdict\": \"unhealthy\"").And.Contain("\"exit_code\": 2");
    }

    [Fact]
    public async Task An_agent_that_is_not_there_cannot_tell_unless_told_to_pass()
    {
        var url = $"http://127.0.0.1:{FreePort.Take()}";
        var outcome = await CheckAsync("--url", url);
        outcome.ExitCode.Should().Be(3);
        outcome.Errors.Should().Contain($"the agent at {url}/ cannot be asked: Connection refused").And.Contain("systemctl status gpu-agent");
        (await CheckAsync("--url", url, "--when-unreachable", "pass")).ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task An_agent_that_does_not_answer_in_time_cannot_tell()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var outcome = await CheckAsync("--url", $"http://{silent.LocalEndpoint}", "--timeout", "200ms");
        outcome.ExitCode.Should().Be(3);
        outcome.Errors.Should().Contain("no answer within 0.2 s");
    }

    [Theory]
    [InlineData("404 Not Found", "", "it is no gpu-agent, or an older one")]
    [InlineData("500 Internal Server Error", "", "500")]
    [InlineData("200 OK", "{}", "cannot be asked")]
    [InlineData("200 OK", "<html>", "cannot be asked")]
    [InlineData("200 OK", "null", "its answer is no health")]
    [InlineData("302 Found", "", "302")]
    public async Task Something_else_on_the_port_cannot_tell(string status, string body, string doubt)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var check = CheckAsync("--url", $"http://{other.LocalEndpoint}");
        using var connection = await other.AcceptSocketAsync();
        _ = await connection.ReceiveAsync(new byte[4096]);
        await connection.SendAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
        var outcome = await check;
        outcome.ExitCode.Should().Be(3);
        outcome.Errors.Should().Contain(doubt).And.StartWith("cannot tell: ").And.NotContain("   at ");
    }

    [Theory]
    [InlineData("--fail-on", "sometimes", 64)]
    [InlineData("--nosuch", "1", 64)]
    [InlineData("--gpus", "x", 64)]
    [InlineData("--components", "heart", 64)]
    [InlineData("--max-age", "soon", 64)]
    [InlineData("--url", "ftp://x", 64)]
    [InlineData("--set", "listen=nowhere", 78)]
    public async Task A_wrong_use_is_no_answer_about_the_node(string option, string value, int exitCode)
    {
        var outcome = await CheckAsync(option, value);
        outcome.ExitCode.Should().Be(exitCode);
        outcome.Errors.Should().Contain(value.Split('=')[0]);
    }

    private static Task<Installer.Outcome> CheckAsync(params string[] arguments) => Installer.RunProgramAsync(Program, ["check", .. arguments]);

    internal static string Program => RepositoryRoot.Combine("artifacts", "bin", "Monitoring.Agent", new DirectoryInfo(AppContext.BaseDirectory).Name, "gpu-agent");
}
