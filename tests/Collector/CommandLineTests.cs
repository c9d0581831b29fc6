using System.Net;
using System.Net.Sockets;
using FluentAssertions;
using Monitoring.Collector;
using Xunit;

namespace Monitoring.Tests.Collector;

/// <summary>The program as a person or a unit file starts it.</summary>
public sealed class CommandLineTests
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "gpu-collector");

    [Fact]
    public void The_configuration_file_that_is_shipped_shows_every_setting_at_its_default()
        => File.ReadAllText(RepositoryRoot.Combine("collector", "collector.yaml")).Should().Be(CommandLine.DefaultConfiguration, "gpu-collector default-config > collector/collector.yaml renews it");

    [Fact]
    public async Task The_configuration_file_that_is_shipped_is_right()
    {
        var (code, output) = await ChildProcess.RunAsync(Program, ["check-config", "--config", RepositoryRoot.Combine("collector", "collector.yaml")]);
        code.Should().Be(0, output);
        output.Should().Contain("listen = 127.0.0.1:9461");
    }

    [Theory]
    [InlineData("check-config")]
    [InlineData("run")]
    [InlineData(null)]
    public async Task A_wrong_configuration_ends_with_every_mistake_and_exit_code_78(string? command)
    {
        string[] arguments = command is null ? [] : [command];
        var (code, output) = await ChildProcess.RunAsync(Program, [.. arguments, "--set", "listen=everywhere", "--set", "discovery.advertised_address=http://me", "--set", "ingest.max_decompressed_bytes=1MiB"]);
        code.Should().Be(78);
        output.Should().Be("""
            --set: listen is 'everywhere', expected an IP address and a port, such as 127.0.0.1:9461, 0.0.0.0:9461 or [::]:9461
            --set: discovery.advertised_address is 'http://me', expected host:port, such as collector.example:9461
            --set: ingest.max_decompressed_bytes is '1MiB', expected at least ingest.max_compressed_bytes (8388608)

            """);
    }

    [Fact]
    public async Task The_version_is_that_of_the_assembly()
        => (await ChildProcess.RunAsync(Program, ["--version"])).Should().Be((0, typeof(CollectorApp).Assembly.GetName().Version!.ToString(3) + "\n"));

    [Fact]
    public async Task The_help_is_golden()
    {
        var (code, output) = await ChildProcess.RunAsync(Program, ["--help"]);
        code.Should().Be(0);
        GoldenFile.Check("Collector/help.txt", output);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_in_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var (code, output) = await ChildProcess.RunAsync(Program, ["--set", $"listen={taken.LocalEndpoint}", "--set", "log_level=fatal"]);
        code.Should().Be(1);
        output.Should().StartWith($"gpu-collector cannot listen on {taken.LocalEndpoint}: ").And.EndWith("address already in use.\n");
    }

    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.0.0.1:", false)]
    [InlineData("9461", false)]
    [InlineData("::1:9461", false)]
    [InlineData("localhost:9461", false)]
    [InlineData("127.0.0.1:99999", false)]
    [InlineData("[::1]:9461", true)]
    [InlineData("0.0.0.0:80", true)]
    public void The_address_to_listen_on_is_an_address_and_a_port(string listen, bool isRight)
        => new CollectorSettings { Listen = listen }.Check().Any().Should().Be(!isRight);
}
