using System.Text;
using FluentAssertions;
using Monitoring.Settings;
using Monitoring.Settings.Sources;
using Xunit;

namespace Monitoring.Tests.Settings;

public sealed class SettingsMistakeTests
{
    /// <summary>Every kind of mistake that leaves a file readable.</summary>
    private const string Broken = """
        node: [a, b]
        prot: 1
        port: 70000
        events: yes
        core_ratio: 1.5
        spool_bytes: lots
        token: {a: b}
        collector: collector:9461
        names: both
        exclude: GPU-1
        buckets: [1ms, 2 hours, 2d]
        labels: [a]
        sampling:
          fast_intervall: 10ms
          fast_interval: 10ms
          slow_interval:
          slow_interval: 1m
        medium_interval: 3s
        fast_interval: 1s
        sinks:
          - url: /var/log
            passwort: hunter2
          - nothing
        sampling:
          fast_interval: 1s
        "a\u001bb": 1
        """;

    [Fact]
    public void Every_mistake_of_a_file_is_reported_at_once_with_line_key_value_and_expectation() =>
        GoldenFile.Check("settings/broken-file.txt", string.Join('\n', Loading.Errors(Broken)) + "\n");

    [Fact]
    public void Every_mistake_of_the_environment_and_the_command_line_is_reported_at_once() => GoldenFile.Check(
        "settings/broken-variables-and-overrides.txt",
        string.Join('\n', Loading.Errors(
            environment: new()
            {
                ["GPU_AGENT_SAMPLING__FAST_INTERVALL"] = "1s",
                ["GPU_AGENT_SAMPLING__SLOW_INTERVAL"] = "10m",
                ["GPU_AGENT_SAMPLING"] = "fast",
                ["GPU_AGENT_PORT"] = "",
                ["GPU_AGENT_port"] = "1",
                ["GPU_AGENT_PORT__NUMBER"] = "1",
                ["GPU_AGENT_SINKS"] = "a,b",
                ["GPU_AGENT_SINKS__1__URL"] = "http://elastic.example",
                ["GPU_AGENT_SINKS__first__URL"] = "http://elastic.example",
                ["GPU_AGENT_LABELS"] = "rack",
                ["GPU_AGENT_COLLECTOR"] = "user:secret@collector",
                ["GPU_AGENT_COLLECTER"] = "user:secret@collector",
            },
            overrides: ["port", "=1", "sampling.fast_interval=1h", "nothing.like.this=1", "Port=1", "buckets=1s,x"])) + "\n");

    [Theory]
    [InlineData("sampling:\n\tfast_interval: 1s\n", "agent.yaml:2: has a tab in column 1; YAML is indented with spaces only")]
    [InlineData("- a\n- b\n", "agent.yaml:1: holds no 'key: value' lines; the first level of a configuration is keys")]
    [InlineData("just text\n", "agent.yaml:1: holds no 'key: value' lines; the first level of a configuration is keys")]
    [InlineData("port: 1\n---\nport: 2\n", "agent.yaml:2: starts a second document; a configuration has one, remove the line '---'")]
    [InlineData("port: !!str 1\n", "agent.yaml:1: has the tag 'tag:yaml.org,2002:str'; remove it, the type of each setting is known")]
    [InlineData("port: *other\n", "agent.yaml:1: uses the alias '*other' and no anchor '&other' stands before it")]
    [InlineData("sampling: &s\n  a: *s\n", "agent.yaml:2: uses the alias '*s' and no anchor '&s' stands before it")]
    [InlineData("sampling:\n  <<: {}\n", "agent.yaml:2: merges keys with '<<', which is not supported; write the keys out")]
    [InlineData("? [a]\n: b\n", "agent.yaml:1: has a key that is no plain word")]
    public void A_file_that_is_no_configuration_is_refused_in_words(string yaml, string expected) =>
        Loading.Errors(yaml).Should().Equal(expected);

    [Theory]
    [InlineData("port: 1\n  events: true\n", 2)]
    [InlineData("port: \"1\n", 1)]
    [InlineData("sampling: {fast_interval: 1s\nport: 2\n", 1)]
    [InlineData("port: @\n", 1)]
    public void Malformed_yaml_is_refused_with_line_and_column(string yaml, int line) =>
        Loading.Errors(yaml).Should().ContainSingle().Which.Should().MatchRegex($"^agent.yaml:{line}: is not valid YAML at column [0-9]+: .+; check indentation, quotes and colons$");

    [Fact]
    public void Aliases_of_aliases_are_refused_before_they_fill_the_memory()
    {
        var bomb = new StringBuilder("a: &a [x, x, x, x, x, x, x, x, x, x]\n");
        for (var name = 'b'; name < 'k'; name++)
            bomb.Append($"{name}: &{name} [{string.Join(", ", Enumerable.Repeat($"*{(char)(name - 1)}", 10))}]\n");

        Loading.Errors(bomb.ToString()).Should().Equal("agent.yaml:5: brings the file to more than 20000 values, aliases expanded; no configuration has as many, check the path and the aliases");
    }

    [Fact]
    public void Brackets_without_end_are_refused_before_they_exhaust_the_stack() =>
        Loading.Errors("port: " + new string('[', 500_000)).Should().Equal("agent.yaml:1: is nested deeper than 32 levels; check brackets and indentation");

    [Fact]
    public void A_file_of_mistakes_is_answered_with_the_first_hundred_and_their_number()
    {
        var errors = Loading.Errors(string.Concat(Enumerable.Range(0, 5000).Select(static number => $"key{number}: 1\n")));

        errors.Should().HaveCount(101);
        errors[99].Should().StartWith("agent.yaml:100: key99 is not a known key");
        errors[100].Should().Be("agent.yaml: 4900 more mistakes are not shown; correct these first");
    }

    [Fact]
    public void A_file_over_the_limit_is_refused() =>
        Loading.Errors("#" + new string('x', 1 << 20)).Should().Equal("agent.yaml: is larger than 1 MiB and cannot be a configuration; check the path");

    [Fact]
    public void Bytes_that_are_no_text_are_refused_with_their_line()
    {
        using var file = new TemporaryFile([.. "port: 1\nnode: "u8, 0xC3, 0x28, (byte)'\n']);

        Errors(file.Path).Should().Equal($"{file.Path}:2: holds bytes that are not UTF-8 text; save the file as UTF-8");
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Errors("/nowhere/agent.yaml").Should().Equal("/nowhere/agent.yaml: the file does not exist; create it or correct the path");

    [Fact]
    public void A_folder_in_place_of_the_file_is_named() =>
        Errors("/etc").Should().Equal("/etc: is a folder; give the path of a YAML file");

    [Fact]
    public void A_file_that_may_not_be_read_is_named_with_the_user() =>
        // Not tried on a file: root, as whom tests may run, reads every file.
        ConfigurationFile.Unreadable("/etc/agent.yaml", new UnauthorizedAccessException()).Should().Be(
            $"cannot be read by user '{Environment.UserName}': permission denied; change the owner or mode of the file");

    [Fact]
    public void Rules_between_settings_name_the_source_of_the_value()
    {
        Loading.Errors("sampling:\n  fast_interval: 5s\n", overrides: "sampling.slow_interval=2s")
            .Should().Equal("--set: sampling.slow_interval is '2s', expected at least sampling.fast_interval");
        Loading.Errors("token: hunter2\n")
            .Should().Equal("default: collector is not set, expected the URL of the collector, since a token is set");
        Loading.Errors("sinks: [{}, {}, {}, {}]\n")
            .Should().Equal("agent.yaml:1: sinks is wrong, expected at most 3 sinks");
    }

    [Fact]
    public void Rules_are_not_asked_about_a_section_whose_values_could_not_be_read() =>
        Loading.Errors("token: hunter2\nsampling:\n  fast_interval: 5s\n  slow_interval: fast\n")
            .Should().Equal("agent.yaml:4: sampling.slow_interval is 'fast', expected a duration from 1s to 5m, such as 1s");

    [Fact]
    public void Secrets_are_never_shown()
    {
        var errors = Loading.Errors(
            "token: [hunter2]\nsinks:\n  - password: {hunter2: hunter2}\n    url: hunter2@elastic\n    retries: 11\n    pasword: hunter2\n",
            new() { ["GPU_AGENT_TOKN"] = "hunter2" },
            "hunter2");

        errors.Should().HaveCount(7);
        string.Join('\n', errors).Should().NotContain("hunter2");
    }

    private static string[] Errors(string path) =>
        [.. SettingsLoader.Load<SampleSettings>(new SettingsSources { File = path }).Errors.Select(static error => error.ToString())];
}
