using FluentAssertions;
using Monitoring.Agent.Exposition.DcgmExporter;
using Monitoring.Agent.Hosting;
using Monitoring.Settings;
using Xunit;

namespace Monitoring.Tests.Agent.Hosting;

public sealed class AgentSettingsTests
{
    [Fact]
    public void The_shipped_configuration_file_shows_every_setting()
    {
        var path = RepositoryRoot.Combine("agent", "agent.yaml");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1" && !ContinuousIntegration.IsOn) File.WriteAllText(path, Monitoring.Agent.Program.DefaultConfiguration);
        File.ReadAllText(path).Should().Be(Monitoring.Agent.Program.DefaultConfiguration, "agent/agent.yaml is written by `gpu-agent default-config`; UPDATE_GOLDEN=1 renews it");
    }

    [Fact]
    public void The_shipped_configuration_file_is_right() =>
        SettingsLoader.Load<AgentSettings>(new SettingsSources { File = RepositoryRoot.Combine("agent", "agent.yaml") }).Errors.Should().BeEmpty();

    [Theory]
    [InlineData("listen=9460", "listen")]
    [InlineData("listen=everywhere:9460", "listen")]
    [InlineData("listen=127.0.0.1", "listen")]
    [InlineData("sampling.fast_interval=5ms", "sampling.fast_interval")]
    [InlineData("sampling.medium_interval=1m", "sampling.slow_interval")]
    [InlineData("collector.endpoint=collector:9461", "collector.endpoint")]
    [InlineData("sampling.fast_intervall=1s", "sampling.fast_intervall")]
    [InlineData("log.ship=elasticsearch", "log.elasticsearch.urls")]
    [InlineData("log.ship=somewhere", "log.ship")]
    [InlineData("compatibility=dcgm-exporter-4.7", "compatibility")]
    [InlineData("compatibility_listen=9400", "compatibility_listen")]
    public void A_wrong_setting_is_named(string setting, string key) =>
        Load(setting).Errors.Should().ContainSingle().Which.Key.Should().Be(key);

    [Theory]
    [InlineData("127.0.0.1:9400", "127.0.0.1:9400")]
    [InlineData("127.0.0.1:9400", "localhost:9400")]
    [InlineData("0.0.0.0:9400", "127.0.0.1:9400")]
    [InlineData("127.0.0.1:9400", "0.0.0.0:9400")]
    [InlineData("10.1.2.3:9400", "[::]:9400")]
    public void Two_pages_cannot_have_one_address(string listen, string compatibilityListen)
    {
        var error = Load("compatibility=dcgm-exporter", $"listen={listen}", $"compatibility_listen={compatibilityListen}").Errors.Should().ContainSingle().Subject;

        error.Key.Should().Be("compatibility_listen");
        error.ToString().Should().Contain(compatibilityListen).And.Contain(listen).And.Contain("another port");
    }

    [Theory]
    [InlineData("127.0.0.1:9460", "127.0.0.1:9400")]
    [InlineData("127.0.0.1:9400", "10.1.2.3:9400")]
    [InlineData("[::1]:9400", "0.0.0.0:9400")]
    [InlineData("127.0.0.1:0", "127.0.0.1:0")]
    public void Two_addresses_that_do_not_meet_are_fine(string listen, string compatibilityListen) =>
        Load("compatibility=dcgm-exporter", $"listen={listen}", $"compatibility_listen={compatibilityListen}").Errors.Should().BeEmpty();

    [Theory]
    [InlineData("none", Compatibility.None)]
    [InlineData("dcgm-exporter", Compatibility.DcgmExporter)]
    [InlineData("dcgm_exporter", Compatibility.DcgmExporter)]
    [InlineData("dcgm-exporter-4.8.3", Compatibility.DcgmExporter483)]
    [InlineData("DCGM-Exporter-4.9", Compatibility.DcgmExporter49)]
    public void The_page_to_serve_is_named_as_its_releases_are(string setting, Compatibility compatibility)
    {
        var settings = Load($"compatibility={setting}", "compatibility_listen=127.0.0.1:9401").Value!;

        settings.Compatibility.Should().Be(compatibility);
        settings.CompatibilityEndPoint?.Port.Should().Be(9401);
        (settings.CompatibilityEndPoint is null).Should().Be(compatibility == Compatibility.None, "nobody listens there then");
    }

    [Theory]
    [InlineData("127.0.0.1:9460", "127.0.0.1:9460")]
    [InlineData("localhost:9460", "127.0.0.1:9460")]
    [InlineData("[::1]:9460", "[::1]:9460")]
    [InlineData("10.1.2.3:9460", "10.1.2.3:9460")]
    [InlineData("0.0.0.0:9460", "gpu-7:9460")]
    [InlineData("[::]:9460", "gpu-7:9460")]
    public void The_address_told_to_the_collector_can_be_reached(string listen, string told) =>
        Load($"listen={listen}", "node=gpu-7").Value!.ReachableAddress.Should().Be(told);

    [Theory]
    [InlineData("http://127.0.0.1:9461", "127.0.0.1:9460")]
    [InlineData("http://localhost:9461", "127.0.0.1:9460")]
    [InlineData("http://collector.example:9461", "")]
    public void Loopback_is_told_only_to_a_collector_on_the_same_machine(string endpoint, string told) =>
        Load($"collector.endpoint={endpoint}").Value!.ReachableAddress.Should().Be(told);

    [Fact]
    public void Nothing_listens_beyond_loopback_unless_told_so() =>
        System.Net.IPAddress.IsLoopback(new AgentSettings().ListenEndPoint!.Address).Should().BeTrue();

    private static SettingsLoad<AgentSettings> Load(params string[] overrides) =>
        SettingsLoader.Load<AgentSettings>(new SettingsSources { Overrides = overrides });
}
