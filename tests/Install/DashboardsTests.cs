using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Install;

/// <summary>Rules, data sources and dashboards in folders that stand for those of a host: what is placed, kept, found missing and taken away.</summary>
public sealed class DashboardsTests : IDisposable
{
    private const string Alerts = "prometheus/gpu-monitoring/gpu-alerts.rules.yaml";

    private static readonly string[] Placed =
    [
        "alertmanager/gpu-monitoring/.placed-alertmanager",
        "alertmanager/gpu-monitoring/alertmanager.yml",
        "grafana/gpu-monitoring/.placed-grafana",
        .. Directory.EnumerateFiles(RepositoryRoot.Combine("dashboards", "grafana"), "*.json").Select(static path => $"grafana/gpu-monitoring/{Path.GetFileName(path)}").Order(StringComparer.Ordinal),
        "grafana/provisioning/dashboards/gpu-monitoring.yaml",
        "grafana/provisioning/datasources/gpu-monitoring-prometheus.yaml",
        "prometheus/gpu-monitoring/.placed-prometheus",
        Alerts,
        "prometheus/gpu-monitoring/gpu-recording.rules.yaml",
        "prometheus/gpu-monitoring/prometheus.yml",
    ];

    private readonly TemporaryFolder _host = new();

    public DashboardsTests()
    {
        foreach (var name in (string[])["prometheus", "grafana", "alertmanager"])
            Directory.CreateDirectory(_host.Combine(name));
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task What_is_found_on_the_host_is_served()
    {
        var outcome = await RunAsync();

        _host.Contents.Should().Equal(Placed);
        foreach (var name in (string[])["gpu-alerts.rules.yaml", "gpu-recording.rules.yaml"])
            Text($"prometheus/gpu-monitoring/{name}").Should().Be(Shipped("prometheus", name), "without addresses the rules are those that were tested");
        Text("grafana/provisioning/dashboards/gpu-monitoring.yaml").Should().Contain($"path: {_host.Path}/grafana/gpu-monitoring\n");
        Text("grafana/provisioning/datasources/gpu-monitoring-prometheus.yaml").Should().Contain("url: http://localhost:9090\n");
        outcome.Output.Should().Contain("begin with: cp").And.Contain("stay empty without --elasticsearch-url").And.Contain("name it with --runbooks-url");
    }

    [Fact]
    public async Task Debians_Alertmanager_is_found_beside_Prometheus()
    {
        Directory.Delete(_host.Combine("alertmanager"));
        _host.Write("route: {receiver: mine}\nreceivers: [{name: mine}]\n", "prometheus/alertmanager.yml");

        await RunAsync();
        _host.Contents.Should().Contain("prometheus/gpu-monitoring/alertmanager.yml");
        Text("prometheus/alertmanager.yml").Should().StartWith("route: {receiver: mine}", "what a person wrote is never written");

        await RunAsync("--uninstall");
        _host.Contents.Should().Equal("grafana", "prometheus/alertmanager.yml");
    }

    [Fact]
    public async Task A_second_run_writes_nothing()
    {
        await RunAsync();
        var before = File.GetLastWriteTimeUtc(_host.Combine(Alerts));

        var second = await RunAsync();

        second.Output.Should().StartWith("Everything that is placed is up to date\n").And.NotContain("Placed:");
        File.GetLastWriteTimeUtc(_host.Combine(Alerts)).Should().Be(before);
        _host.Contents.Should().Equal(Placed);
    }

    [Fact]
    public async Task Addresses_stand_in_links_and_sources_and_are_kept_for_the_next_time()
    {
        await RunAsync(
            "--collector-url", "https://collector.example", "--grafana-url", "https://example.org/grafana/", "--runbooks-url", "https://docs.example/gpu",
            "--prometheus-url", "http://victoria:8428", "--elasticsearch-url", "https://search.example:9200");
        var second = await RunAsync();

        second.Output.Should().StartWith("Everything that is placed is up to date\n").And.NotContain("--runbooks-url");
        Text(Alerts).Should()
            .Contain("runbook_url: 'https://docs.example/gpu/GpuFallenOffBus'\n")
            .And.Contain("dashboard_url: 'https://example.org/grafana/d/gpu-node?")
            .And.Contain("captures_url: 'https://collector.example/api/v1/captures?")
            .And.NotContain("localhost").And.NotContain("docs.example.org");
        Text("grafana/provisioning/datasources/gpu-monitoring-prometheus.yaml").Should().Contain("url: http://victoria:8428\n").And.NotContain("$GPU");
        Text("grafana/provisioning/datasources/gpu-monitoring-elasticsearch.yaml").Should().Contain("    url: https://search.example:9200\n").And.NotContain("$GPU_ELASTICSEARCH_URL");
        Text("alertmanager/gpu-monitoring/alertmanager.yml").Should().Contain("url: https://collector.example/api/v1/alertmanager\n");
        Text("prometheus/gpu-monitoring/prometheus.yml").Should()
            .Contain("- targets: [\"collector.example\"]\n").And.Contain("url: https://collector.example/sd/prometheus?via=collector\n")
            .And.Contain("    scheme: https\n").And.NotContain("localhost:9461");
    }

    [Fact]
    public async Task A_file_that_somebody_changed_is_kept_and_a_newer_one_put_beside_it_once()
    {
        await RunAsync();
        await File.AppendAllTextAsync(_host.Combine(Alerts), "# mine\n");

        (await RunAsync()).Output.Should().Contain($"Kept: {_host.Combine(Alerts)}, which you changed\n");
        _host.Contents.Should().NotContain(Alerts + ".new", "there is nothing newer than what was changed");

        (await RunAsync("--grafana-url", "http://other:3000")).Output.Should().Contain($"the new one is {_host.Combine(Alerts)}.new\n");
        Text(Alerts).Should().EndWith("# mine\n").And.NotContain("http://other:3000");
        Text(Alerts + ".new").Should().Contain("http://other:3000");

        File.Move(_host.Combine(Alerts + ".new"), _host.Combine(Alerts), overwrite: true);
        (await RunAsync()).Output.Should().StartWith("Everything that is placed is up to date\n");
    }

    [Fact]
    public async Task A_file_of_the_same_name_that_was_there_before_is_kept()
    {
        _host.Write("mine\n", "grafana/provisioning/dashboards/gpu-monitoring.yaml");

        (await RunAsync()).Output.Should().Contain("which you changed or wrote; the new one is");
        await RunAsync("--uninstall");

        _host.Contents.Should().Equal("alertmanager", "grafana/provisioning/dashboards/gpu-monitoring.yaml", "prometheus");
        Text("grafana/provisioning/dashboards/gpu-monitoring.yaml").Should().Be("mine\n");
    }

    [Fact]
    public async Task What_is_no_longer_shipped_goes_with_the_update()
    {
        await RunAsync("--elasticsearch-url", "http://localhost:9200");
        var old = _host.Write("of an older version", "grafana/gpu-monitoring/gpu-old.json");
        var sum = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(await File.ReadAllBytesAsync(old)));
        await File.AppendAllTextAsync(_host.Combine("grafana/gpu-monitoring/.placed-grafana"), $"{sum}  {old}\n");

        (await RunAsync()).Output.Should().Contain($"Removed: {old}\n");

        File.Exists(old).Should().BeFalse();
    }

    [Fact]
    public async Task Uninstall_takes_away_what_was_placed_and_keeps_what_was_changed()
    {
        await RunAsync();
        await File.AppendAllTextAsync(_host.Combine(Alerts), "# mine\n");

        var outcome = await RunAsync("--uninstall");

        outcome.Output.Should().Contain($"Kept: {_host.Combine(Alerts)}, which you changed\n");
        _host.Contents.Should().Equal("alertmanager", "grafana", Alerts);
    }

    [Fact]
    public async Task Uninstall_leaves_nothing_and_says_so_the_second_time()
    {
        await RunAsync();
        await RunAsync("--uninstall");
        _host.Contents.Should().Equal("alertmanager", "grafana", "prometheus");

        (await RunAsync("--uninstall")).Output.Should().Contain("Nothing was placed for prometheus in");
    }

    [Fact]
    public async Task Check_names_what_is_missing_and_what_a_configuration_lacks()
    {
        _host.Write("scrape_configs:\n  - job_name: node\n    static_configs: [{targets: ['localhost:9100']}]\n", "prometheus/prometheus.yml");
        var before = await RunCheckAsync(expected: 1);
        before.Output.Should().Contain($"Finding: missing: {_host.Combine(Alerts)}\n");
        _host.Contents.Should().Equal("alertmanager", "grafana", "prometheus/prometheus.yml");

        await RunAsync();
        var placed = await RunCheckAsync(expected: 1);
        placed.Output.Should().NotContain("Finding:").And.Contain("add to rule_files").And.Contain("add the job gpu-collector").And.Contain("add the job gpu-nodes").And.Contain("add alerting");

        File.Copy(_host.Combine("prometheus/gpu-monitoring/prometheus.yml"), _host.Combine("prometheus/prometheus.yml"), overwrite: true);
        (await RunCheckAsync(expected: 0)).Output.Should().Contain("prometheus.yml names the rules and the jobs\n");
    }

    [Fact]
    public async Task A_dry_run_touches_nothing()
    {
        var outcome = await RunAsync("--dry-run");

        GoldenFile.Check("install-dashboards-dry-run.txt", outcome.Neutral.Replace(_host.Path, "ETC", StringComparison.Ordinal));
        _host.Contents.Should().Equal("alertmanager", "grafana", "prometheus");
    }

    [Fact]
    public async Task Named_folders_are_served_and_no_others()
    {
        await RunAsync("--vmalert", _host.Combine("alertmanager"));

        _host.Contents.Should().Equal(
            "alertmanager/gpu-monitoring/.placed-vmalert", "alertmanager/gpu-monitoring/gpu-alerts.rules.yaml", "alertmanager/gpu-monitoring/gpu-recording.rules.yaml", "grafana", "prometheus");
        Text("alertmanager/gpu-monitoring/gpu-alerts.rules.yaml").Should().Be(Shipped("vmalert", "gpu-alerts.rules.yaml"));
    }

    [Fact]
    public async Task A_host_without_any_of_them_is_told_what_to_do()
    {
        using var empty = new TemporaryFolder();

        var outcome = await RunBelowAsync(empty.Path);

        outcome.ExitCode.Should().Be(1);
        outcome.Errors.Should().Contain("there is no prometheus, grafana or alertmanager in").And.Contain("remedy: name their folders");
    }

    private static string Shipped(params string[] parts) => File.ReadAllText(RepositoryRoot.Combine(["dashboards", .. parts]));

    private string Text(string path) => File.ReadAllText(_host.Combine(path));

    private async Task<Installer.Outcome> RunAsync(params string[] arguments)
    {
        var outcome = await RunBelowAsync(_host.Path, arguments);
        outcome.Should().BeEquivalentTo(new { ExitCode = 0, Errors = "" });
        return outcome;
    }

    private async Task<Installer.Outcome> RunCheckAsync(int expected)
    {
        var outcome = await RunBelowAsync(_host.Path, "--check");
        outcome.ExitCode.Should().Be(expected, outcome.Output + outcome.Errors);
        return outcome;
    }

    private static Task<Installer.Outcome> RunBelowAsync(string configuration, params string[] arguments) =>
        Installer.RunProgramAsync("bash", [RepositoryRoot.Combine("install.sh"), "dashboards", .. arguments], [("CONFIGURATION", configuration)]);
}
