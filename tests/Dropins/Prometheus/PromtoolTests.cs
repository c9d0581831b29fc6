using System.Diagnostics;
using System.Diagnostics.Metrics;
using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Dropins.Prometheus;

public sealed class PromtoolTests
{
    private const string Promtool = "/usr/bin/promtool";

    [Fact]
    public async Task Promtool_accepts_a_page_without_a_word()
    {
        RequirePromtool();
        using ScrapedMeter scraped = new();
        scraped.Meter.CreateObservableGauge("gpu.temperature", () => new Measurement<double>(54.5, Tag("gpu", "0"), Tag("text", "a \"b\" \\ \n ü")), "Cel", "Temperature of the die, \"quoted\".");
        scraped.Meter.CreateObservableCounter("gpu.energy", () => 1234567.875, "J", "Energy used.");
        scraped.Meter.CreateObservableGauge("gpu.utilization", () => double.NaN, "1", "Share of time in which a kernel ran.");
        scraped.Meter.CreateObservableGauge("gpu.pcie.transmit", () => 1e20, "By/s", "Bytes sent.");
        scraped.Meter.CreateHistogram<double>("gpu.agent.collection.duration", "s", "Time one collection took.").Record(0.02);

        (int exitCode, string output) = await CheckAsync(scraped.Page());

        output.Should().BeEmpty();
        exitCode.Should().Be(0);
    }

    [Fact]
    public async Task Promtool_would_say_so_if_a_page_were_wrong()
    {
        RequirePromtool();

        (int exitCode, string output) = await CheckAsync("# TYPE a gauge\na 1\n");

        exitCode.Should().NotBe(0);
        output.Should().Contain("a no help text");
    }

    private static KeyValuePair<string, object?> Tag(string key, object? value) => new(key, value);

    private static void RequirePromtool()
    {
        if (File.Exists(Promtool))
            return;
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail($"{Promtool} is missing; install the package prometheus.");
        Assert.Skip($"{Promtool} is not installed (package prometheus).");
    }

    private static async Task<(int ExitCode, string Output)> CheckAsync(string page)
    {
        using Process process = Process.Start(new ProcessStartInfo(Promtool, ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await process.StandardInput.WriteAsync(page);
        process.StandardInput.Close();
        string output = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }
}
