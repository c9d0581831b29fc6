using FluentAssertions;
using Monitoring.Tests.Collector;
using Xunit;

namespace Monitoring.Tests.Dashboards.Compose;

/// <summary>The compose file holds what it says, as far as that can be seen without a container engine.</summary>
public sealed class ComposeFileTests
{
    public static TheoryData<string> Names => [.. ComposeFile.Services.Select(static service => service.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_image_is_of_one_version(string name) =>
        ComposeFile.Named(name).Image.Should().MatchRegex(@"^[a-z.-]+\.[a-z]+/[a-z/-]+:v?\d+\.\d+\.\d+(-[a-z]+)?$");

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_watched_and_comes_back(string name)
    {
        var service = ComposeFile.Named(name);
        service.Health.Should().HaveCountGreaterThan(2).And.StartWith("CMD");
        service.Restart.Should().Be("unless-stopped");
        service.Network.Should().Be("host", "the same files hold with and without containers, and the collector listens on loopback");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_mounted_exists_and_is_not_written(string name)
    {
        foreach (var mount in ComposeFile.Named(name).Mounts)
        {
            if (mount.IsVolume)
            {
                ComposeFile.Volumes.Should().Contain(mount.Source);
                continue;
            }

            mount.IsReadOnly.Should().BeTrue(mount.Source);
            if (mount.Source.StartsWith('.'))
                Path.Exists(mount.Path).Should().BeTrue(mount.Source);
        }
    }

    [Fact]
    public void Every_volume_is_used() =>
        ComposeFile.Services.SelectMany(static service => service.Mounts).Where(static mount => mount.IsVolume).Select(static mount => mount.Source).Should().BeEquivalentTo(ComposeFile.Volumes);

    [Theory]
    [InlineData("prometheus", "/etc/prometheus/prometheus.yml")]
    [InlineData("alertmanager", "/etc/alertmanager/alertmanager.yml")]
    public void The_configuration_on_the_command_line_is_mounted(string name, string path)
    {
        var service = ComposeFile.Named(name);
        service.Command.Should().Contain($"--config.file={path}");
        File.Exists(service.InRepository(path)).Should().BeTrue(path);
    }

    [Fact]
    public async Task Prometheus_takes_it_with_the_rules()
    {
        var (code, output) = await ChildProcess.RunAsync(Requirement.Program("promtool"), ["check", "config", ComposeFile.Named("prometheus").InRepository("/etc/prometheus/prometheus.yml")!]);
        code.Should().Be(0, output);
        output.Should().Contain("2 rule files found");
    }

    [Fact]
    public async Task Alertmanager_takes_it()
    {
        var (code, output) = await ChildProcess.RunAsync(Requirement.Program("amtool"), ["check-config", ComposeFile.Named("alertmanager").InRepository("/etc/alertmanager/alertmanager.yml")!]);
        code.Should().Be(0, output);
    }

    [Fact]
    public void Grafana_has_dashboards_sources_and_every_variable_of_them()
    {
        var grafana = ComposeFile.Named("grafana");
        var dashboards = grafana.InRepository(grafana.Environment["GPU_DASHBOARDS"])!;
        Directory.GetFiles(dashboards, "gpu-*.json").Should().HaveCountGreaterThan(5);
        File.Exists(grafana.InRepository(grafana.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])).Should().BeTrue();
        foreach (var kind in (string[])["datasources", "dashboards"])
        {
            var files = Directory.GetFiles(grafana.InRepository($"/etc/grafana/provisioning/{kind}")!, "*.yaml");
            files.Should().NotBeEmpty();
            foreach (var line in files.SelectMany(File.ReadLines).Where(static line => !line.TrimStart().StartsWith('#') && line.Contains("$GPU_", StringComparison.Ordinal)))
                grafana.Environment.Keys.Should().Contain(line[(line.IndexOf('$') + 1)..].Split(' ')[0]);
        }
    }

    [Theory]
    [InlineData("elasticsearch")]
    [InlineData("opensearch")]
    public void No_two_services_want_one_port(string profile)
    {
        var ports = ComposeFile.Services.Where(service => service.Profiles.Count == 0 || service.Profiles.Contains(profile)).SelectMany(static service => service.Ports).Append("9461").ToList();
        ports.Should().OnlyHaveUniqueItems().And.HaveCount(6);
    }

    [Fact]
    public void All_that_must_or_may_be_set_is_in_the_example()
    {
        var example = File.ReadAllLines(Path.Combine(ComposeFile.Folder, ".env.example")).Where(static line => line.Length > 0 && line[0] != '#').Select(static line => line.Split('=', 2)).ToDictionary(static pair => pair[0], static pair => pair[1]);

        example.Keys.Should().BeEquivalentTo(ComposeFile.Variables.Keys);
        foreach (var (name, value) in ComposeFile.Variables)
            example[name].Should().Be(value ?? "", name);
    }

    [Fact]
    public void Everything_listens_on_loopback()
    {
        foreach (var service in ComposeFile.Services.Where(static service => service.Name != "collector"))
            (service.Command.Any(static word => word.StartsWith("--web.listen-address=127.0.0.1:", StringComparison.Ordinal))
                || service.Environment.Any(static pair => pair is { Key: "GF_SERVER_HTTP_ADDR" or "network.host" or "SERVER_HOST", Value: "127.0.0.1" }))
                .Should().BeTrue(service.Name);
    }
}
