using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
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
        var (code, output) = await ChildProcess.RunAsync(Program, ["--set", $"listen={taken.LocalEndpoint}", "--set", "log.level=none"]);
        code.Should().Be(1);
        output.Should().StartWith($"gpu-collector cannot listen on {taken.LocalEndpoint}: ").And.EndWith("address already in use.\n");
    }

    [Fact]
    public async Task A_stop_waits_for_no_slow_sender_and_ends_with_exit_code_0()
    {
        var address = FreePort.TakeAddress();
        using var process = Process.Start(new ProcessStartInfo(Program, ["--set", $"listen={address}"]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{Program} did not start.");
        while (await process.StandardOutput.ReadLineAsync() is { } line && !line.Contains("Application started", StringComparison.Ordinal))
        {
            // Still starting.
        }

        using var sender = new TcpClient();
        await sender.ConnectAsync(IPEndPoint.Parse(address));
        var half = $"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nPOST /v1/metrics HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\nContent-Length: 5000\r\n\r\nabc";
        await sender.GetStream().WriteAsync(Encoding.ASCII.GetBytes(half));
        // The first answer shows that the server has come to the second request.
        (await sender.GetStream().ReadAsync(new byte[1024])).Should().BePositive();
        var asked = TimeProvider.System.GetTimestamp();
        (await ChildProcess.RunAsync("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)])).ExitCode.Should().Be(0);
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(0);
        TimeProvider.System.GetElapsedTime(asked).Should().BeLessThan(TimeSpan.FromSeconds(20), "the unit gives it so long");
    }

    [Fact]
    public async Task An_address_that_this_machine_does_not_have_is_told_in_one_line()
    {
        // TEST-NET-1 of RFC 5737, which no machine has.
        var (code, output) = await ChildProcess.RunAsync(Program, ["--set", "listen=192.0.2.1:9461", "--set", "log.level=none"]);
        code.Should().Be(1);
        output.Should().StartWith("gpu-collector cannot listen on 192.0.2.1:9461: ").And.NotContain("   at ");
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
