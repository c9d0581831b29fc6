using FluentAssertions;
using Monitoring.Tests.Collector;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Monitoring.Tests.Dashboards.Prometheus;

public sealed class AlertUnitTests
{
    /// <summary>The one alert that is never silent.</summary>
    private const string AlwaysFiring = "Watchdog";

    /// <summary>A few seconds of one core, and other tests run at the same time.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private static readonly string[] s_files = Directory.GetFiles(ShippedRules.At("prometheus", "tests"), "*.yaml");

    public static TheoryData<string> Files => [.. s_files.Select(static file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Promtool_finds_every_alert_firing_and_silent_when_the_tests_say_so(string file)
    {
        var (code, output) = await ChildProcess.RunAsync(Requirement.Program("promtool"), ["test", "rules", ShippedRules.At("prometheus", "tests", file)], "", s_patience);
        code.Should().Be(0, output);
    }

    [Fact]
    public void Each_alert_is_tested_firing_with_all_its_words_and_silent()
    {
        var checks = s_files.SelectMany(Checks).ToLookup(static check => check.Alert, static check => check.Expected);
        checks.Select(static alert => alert.Key).Should().BeEquivalentTo(ShippedRules.Names);
        foreach (var alert in ShippedRules.Alerts)
        {
            var name = alert.Definition.Name;
            if (name != AlwaysFiring) checks[name].Should().Contain(static expected => expected.Children.Count == 0, $"{name} needs a time at which it is silent");
            var firing = checks[name].SelectMany(static expected => expected.Children.Cast<YamlMappingNode>()).ToList();
            firing.Should().NotBeEmpty($"{name} needs a time at which it fires");
            var annotations = (YamlMappingNode)firing[0].Children[new YamlScalarNode("exp_annotations")];
            annotations.Children.Keys.Select(static key => ((YamlScalarNode)key).Value).Should().BeEquivalentTo(alert.Annotations.Select(static entry => entry.Name), name);
        }
    }

    [Fact]
    public void Groups_are_evaluated_in_the_order_of_the_files_since_alerts_look_at_recorded_series()
    {
        foreach (var file in s_files)
            ((YamlSequenceNode)Root(file).Children[new YamlScalarNode("group_eval_order")]).Children.Select(static group => ((YamlScalarNode)group).Value)
                .Should().Equal(ShippedRules.Groups, Path.GetFileName(file));
    }

    private static IEnumerable<(string Alert, YamlSequenceNode Expected)> Checks(string file) =>
        from test in ((YamlSequenceNode)Root(file).Children[new YamlScalarNode("tests")]).Children.Cast<YamlMappingNode>()
        from check in ((YamlSequenceNode)test.Children[new YamlScalarNode("alert_rule_test")]).Children.Cast<YamlMappingNode>()
        select (((YamlScalarNode)check.Children[new YamlScalarNode("alertname")]).Value!, (YamlSequenceNode)check.Children[new YamlScalarNode("exp_alerts")]);

    private static YamlMappingNode Root(string file)
    {
        var stream = new YamlStream();
        using var reader = File.OpenText(file);
        stream.Load(reader);
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }
}
