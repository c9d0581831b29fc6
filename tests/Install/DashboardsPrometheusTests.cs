using System.Diagnostics;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Tests.Dashboards;
using Xunit;

namespace Monitoring.Tests.Install;

/// <summary>A real Prometheus over what the installer placed.</summary>
public sealed class DashboardsPrometheusTests : IDisposable
{
    private readonly TemporaryFolder _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task It_loads_every_rule_and_loads_them_anew_when_asked()
    {
        var prometheus = Requirement.Program("prometheus");
        var address = FreePort.TakeAddress();
        Directory.CreateDirectory(_host.Combine("prometheus"));
        await PlaceAsync("--runbooks-url", "https://one.example");
        File.Copy(_host.Combine("prometheus/gpu-monitoring/prometheus.yml"), _host.Combine("prometheus/prometheus.yml"));
        using var process = Process.Start(new ProcessStartInfo(prometheus,
        [
            $"--config.file={_host.Combine("prometheus/prometheus.yml")}", $"--storage.tsdb.path={_host.Combine("data")}",
            $"--web.listen-address={address}", "--web.enable-lifecycle", "--log.level=error",
        ])
        {
            RedirectStandardError = true,
        })!;
        try
        {
            _ = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            using var client = new HttpClient { BaseAddress = new Uri($"http://{address}") };

            var rules = await RulesAsync(client);
            rules.Should().HaveCount(RuleFile.All.Count);
            rules.Should().NotContain(static rule => rule.GetProperty("health").GetString() == "err");
            Runbook(rules).Should().StartWith("https://one.example/");

            await PlaceAsync("--runbooks-url", "https://two.example", "--prometheus-url", client.BaseAddress!.ToString(), "--reload");
            Runbook(await RulesAsync(client)).Should().StartWith("https://two.example/");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task Rules_that_promtool_refuses_are_not_placed()
    {
        Requirement.Program("promtool");
        Directory.CreateDirectory(_host.Combine("prometheus"));
        await PublishAsync();
        await File.AppendAllTextAsync(_host.Combine("published/dashboards/prometheus/gpu-alerts.rules.yaml"), "      - alert: Wrong\n        expr: sum(\n", TestContext.Current.CancellationToken);

        var outcome = await Installer.RunProgramAsync("bash", _host.Combine("published/install.sh"), "dashboards", "--prometheus", _host.Combine("prometheus"));

        outcome.ExitCode.Should().Be(1);
        outcome.Errors.Should().Contain("promtool check rules refuses what would be placed; nothing was");
        Directory.EnumerateFileSystemEntries(_host.Combine("prometheus")).Should().BeEmpty();
    }

    [Fact]
    public async Task A_published_folder_places_the_same()
    {
        Directory.CreateDirectory(_host.Combine("prometheus"));
        Directory.CreateDirectory(_host.Combine("grafana"));
        string[] folders = ["--prometheus", _host.Combine("prometheus"), "--grafana", _host.Combine("grafana")];
        await PublishAsync();
        Directory.Exists(_host.Combine("published/dashboards/Generator")).Should().BeFalse("a host has no SDK");

        (await Installer.RunProgramAsync("bash", [_host.Combine("published/install.sh"), "dashboards", .. folders])).Should().BeEquivalentTo(new { ExitCode = 0, Errors = "" });
        var second = await Installer.RunAsync(["dashboards", .. folders]);

        second.Output.Should().StartWith("Everything that is placed is up to date\n");
    }

    /// <summary>What <c>./install.sh publish</c> makes, without the programs that take minutes to publish.</summary>
    private async Task PublishAsync()
    {
        var folder = _host.Combine("published");
        (await Installer.RunProgramAsync("bash", "-euc", $"HERE=$PWD; source scripts/install/words.sh; source scripts/install/publish.sh; publish_dashboards {folder}/dashboards; cp install.sh {folder}; mkdir {folder}/scripts; cp -R scripts/install {folder}/scripts"))
            .Should().BeEquivalentTo(new { ExitCode = 0, Errors = "" });
    }

    private async Task PlaceAsync(params string[] arguments)
    {
        var outcome = await Installer.RunAsync(["dashboards", "--prometheus", _host.Combine("prometheus"), .. arguments]);
        outcome.Should().BeEquivalentTo(new { ExitCode = 0, Errors = "" });
    }

    private static string? Runbook(IEnumerable<JsonElement> rules) =>
        rules.First(static rule => rule.GetProperty("name").GetString() == "GpuFallenOffBus").GetProperty("annotations").GetProperty("runbook_url").GetString();

    private static async Task<List<JsonElement>> RulesAsync(HttpClient client)
    {
        List<JsonElement> rules = [];
        await Eventually.HoldsAsync("Prometheus has rules", async () =>
        {
            try
            {
                using var answer = JsonDocument.Parse(await client.GetStringAsync(new Uri("/api/v1/rules", UriKind.Relative)));
                rules = answer.RootElement.GetProperty("data").GetProperty("groups").EnumerateArray().SelectMany(static group => group.GetProperty("rules").EnumerateArray())
                    .Select(static rule => rule.Clone()).ToList();
            }
            catch (HttpRequestException)
            {
                return false;
            }

            return rules.Count > 0;
        });
        return rules;
    }
}
