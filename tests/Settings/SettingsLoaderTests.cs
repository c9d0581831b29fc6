using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Settings;

public sealed class SettingsLoaderTests
{
    private const string Everything = """
        node: gpu-017
        port: 9999
        events: false
        core_ratio: 0.5
        spool_bytes: 2GiB
        token: hunter2
        collector: https://collector.example:9461/base
        names: dcgm-exporter
        exclude: [GPU-1, "GPU-2"]
        buckets:
          - 10ms
          - 1m30s
        labels:
          cluster: a
          rack: "12"
        sampling:
          fast_interval: 50ms
          slow_interval: 1m
        sinks:
          - url: http://elastic.example:9200
            password: swordfish
          - retries: 0
        """;

    [Fact]
    public void Without_any_source_the_defaults_stand()
    {
        var load = Loading.Load();

        load.Errors.Should().BeEmpty();
        load.Value.Should().BeEquivalentTo(new SampleSettings());
        load.Origins.Should().BeEmpty();
    }

    [Fact]
    public void A_file_sets_values_of_every_type()
    {
        var load = Loading.Load(Everything);

        load.Errors.Should().BeEmpty();
        var value = load.Value!;
        value.Node.Should().Be("gpu-017");
        value.Port.Should().Be(9999);
        value.Events.Should().BeFalse();
        value.CoreRatio.Should().Be(0.5);
        value.SpoolBytes.Should().Be(2L << 30);
        value.Token.Should().Be("hunter2");
        value.Collector.Should().Be(new Uri("https://collector.example:9461/base"));
        value.Names.Should().Be(SampleNames.DcgmExporter);
        value.Exclude.Should().Equal("GPU-1", "GPU-2");
        value.Buckets.Should().Equal(TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(90));
        value.Labels.Should().Equal(new Dictionary<string, string> { ["cluster"] = "a", ["rack"] = "12" });
        value.Sampling.FastInterval.Should().Be(TimeSpan.FromMilliseconds(50));
        value.Sampling.SlowInterval.Should().Be(TimeSpan.FromMinutes(1));
        value.Sinks.Should().HaveCount(2);
        value.Sinks[0].Password.Should().Be("swordfish");
        value.Sinks[1].Retries.Should().Be(0);
    }

    [Fact]
    public void The_environment_wins_over_the_file_and_the_command_line_over_both()
    {
        var load = Loading.Load(
            "port: 1000\nsampling:\n  fast_interval: 30ms\n  slow_interval: 20s\n",
            new() { ["GPU_AGENT_PORT"] = "2000", ["gpu_agent_sampling__FAST_interval"] = "40ms" },
            "sampling.fast_interval=60ms", "sampling.fast_interval=70ms");

        load.Errors.Should().BeEmpty();
        load.Value!.Port.Should().Be(2000);
        load.Value.Sampling.FastInterval.Should().Be(TimeSpan.FromMilliseconds(70));
        load.Value.Sampling.SlowInterval.Should().Be(TimeSpan.FromSeconds(20));
        load.Origins["port"].Should().Be("environment variable GPU_AGENT_PORT");
        load.Origins["sampling.fast_interval"].Should().Be("--set");
        load.Origins["sampling.slow_interval"].Should().EndWith("agent.yaml:4");
    }

    [Fact]
    public void A_list_and_a_map_fit_on_one_line_of_the_environment()
    {
        var load = Loading.Load(environment: new()
        {
            ["GPU_AGENT_EXCLUDE"] = "GPU-1, GPU-2",
            ["GPU_AGENT_BUCKETS"] = "",
            ["GPU_AGENT_LABELS"] = "rack=12,cluster=a",
        });

        load.Errors.Should().BeEmpty();
        load.Value!.Exclude.Should().Equal("GPU-1", "GPU-2");
        load.Value.Buckets.Should().BeEmpty();
        load.Value.Labels.Should().HaveCount(2).And.Contain("rack", "12");
    }

    [Fact]
    public void One_entry_of_a_map_and_one_key_of_a_lists_element_can_be_set_alone()
    {
        var load = Loading.Load(
            Everything,
            new() { ["GPU_AGENT_LABELS__rack"] = "13", ["GPU_AGENT_SINKS__0__PASSWORD"] = "better" },
            "sinks.2.url=http://third.example", "labels.example.com/zone=b");

        load.Errors.Should().BeEmpty();
        load.Value!.Labels.Should().Equal(new Dictionary<string, string> { ["cluster"] = "a", ["rack"] = "13", ["example.com/zone"] = "b" });
        load.Value.Sinks.Select(sink => sink.Password).Should().Equal("better", null, null);
        load.Value.Sinks[2].Url.Should().Be(new Uri("http://third.example"));
    }

    [Fact]
    public void Elements_ten_and_nine_of_a_list_are_added_in_the_order_of_their_numbers()
    {
        var environment = Enumerable.Range(0, 12).Reverse().ToDictionary(index => $"GPU_AGENT_SINKS__{index}__RETRIES", index => $"{index % 10}");

        var load = Loading.Load(environment: environment, overrides: "events=false");

        load.Errors.Should().BeEmpty();
        load.Value!.Sinks.Select(sink => sink.Retries).Should().Equal(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("---\n")]
    [InlineData("# nothing but a comment\n")]
    [InlineData("sampling:\n  # fast_interval: 100ms\n")]
    [InlineData("\uFEFF# with a byte order mark\n")]
    public void A_file_without_settings_is_no_mistake(string yaml) => Loading.Errors(yaml).Should().BeEmpty();

    [Fact]
    public void A_value_may_come_from_an_anchor() =>
        Loading.Load("sampling:\n  fast_interval: &time 5s\n  slow_interval: *time\n").Value!.Sampling.SlowInterval.Should().Be(TimeSpan.FromSeconds(5));

    [Fact]
    public void A_section_is_known_by_the_settings_in_it() => Loading.Load("log:\n  port: 514\n").Value!.Log.IsRemote.Should().BeTrue();

    [Fact]
    public void An_empty_text_takes_an_optional_value_back()
    {
        var load = Loading.Load("collector: http://collector.example\nlog:\n  port: 514\n", new() { ["GPU_AGENT_COLLECTOR"] = "" }, "log.port=");

        load.Errors.Should().BeEmpty();
        load.Value!.Collector.Should().BeNull();
        load.Value.Log.Port.Should().BeNull();
    }

    [Fact]
    public void Reserved_variables_and_those_of_other_programs_are_passed_over() =>
        Loading.Errors(environment: new() { ["GPU_AGENT_CONFIG"] = "/etc/agent.yaml", ["PATH"] = "/bin", ["GPU_OTHER"] = "1" }).Should().BeEmpty();

    [Fact]
    public void The_addresses_that_Kubernetes_gives_of_services_are_passed_over() => Loading.Errors(environment: new()
    {
        ["GPU_AGENT_SERVICE_HOST"] = "10.0.0.7",
        ["GPU_AGENT_SERVICE_PORT"] = "9460",
        ["GPU_AGENT_SERVICE_PORT_METRICS"] = "9460",
        ["GPU_AGENT_PORT_9460_TCP"] = "tcp://10.0.0.7:9460",
        ["GPU_AGENT_PORT_9460_TCP_ADDR"] = "10.0.0.7",
        ["GPU_AGENT_TEST_PORT"] = "tcp://10.0.0.7:9460",
    }).Should().BeEmpty();

    [Fact]
    public void Without_a_prefix_the_environment_is_not_read() =>
        Monitoring.Settings.SettingsLoader.Load<SampleSettings>(new() { Environment = new Dictionary<string, string> { ["PORT"] = "x" } }).Errors.Should().BeEmpty();
}
