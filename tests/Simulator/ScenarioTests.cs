using FluentAssertions;
using Monitoring.Simulator.NodeProfiles;
using Monitoring.Simulator.Scenarios;
using Xunit;

namespace Monitoring.Tests.Simulator;

public sealed class ScenarioTests
{
    [Fact]
    public void Incidents_start_and_end_when_the_scenario_says()
    {
        using var test = new NodeUnderTest();
        test.Node.Play(Scenario.Parse("day.yaml", """
            - {at: 2s, gpu: 1, incident: power_brake, for: 3s}
            - {at: 1500ms, gpu: all, incident: ecc_burst, per_second: 10}
            """));
        var seen = new List<string>();
        for (var second = 0; second < 7; second++)
        {
            test.Node.Advance(TimeSpan.FromSeconds(1));
            seen.Add(string.Join(' ', test.Node.Incidents.Select(running => $"{running.Kind.Name}@{running.Gpu.Index}").Order(StringComparer.Ordinal)));
        }
        const string Burst = "ecc_burst@0 ecc_burst@1";
        seen.Should().Equal("", $"{Burst} power_brake@1", $"{Burst} power_brake@1", $"{Burst} power_brake@1", Burst, Burst, Burst);
    }

    [Fact]
    public void Every_error_of_a_scenario_is_told_at_once_with_line_key_value_and_expectation()
    {
        var act = () => Scenario.Parse("bad.yaml", """
            - {at: soon, gpu: 0, incident: hang}
            - {at: 1s, gpu: many, incident: hang, for: 5}
            - {at: 1s, gpu: 0, incident: fire}
            - {at: 1s, incident: thermal_throttle, resistance: 0.5}
            - {at: 1s, gpu: 0, incident: power_brake, strength: 3}
            - nothing
            """);
        GoldenFile.Check("Simulator/scenario-errors.txt", string.Join('\n', act.Should().Throw<ProfileException>().Which.Errors) + "\n");
    }

    [Theory]
    [InlineData("incidents: []", "bad.yaml:1: scenario is 'not a list', expected a list of entries*")]
    [InlineData("", "bad.yaml:1: scenario is 'not a list', expected a list of entries*")]
    public void A_file_that_is_no_list_is_refused(string text, string expected)
    {
        var act = () => Scenario.Parse("bad.yaml", text);
        act.Should().Throw<ProfileException>().WithMessage(expected);
    }

    [Theory]
    [InlineData("- {at: 0s, gpu: 5, incident: hang}", "day.yaml:1: gpu is 5, expected 0 to 1")]
    [InlineData("- {at: 0s, gpu: 1, incident: nvlink_errors, link: 30}", "day.yaml:1: nvlink_errors cannot be: link is 30, expected 0 to 17")]
    public void A_scenario_that_does_not_fit_the_node_is_refused_before_it_starts(string text, string expected)
    {
        using var test = new NodeUnderTest();
        var act = () => test.Node.Play(Scenario.Parse("day.yaml", text));
        act.Should().Throw<ArgumentException>().WithMessage(expected);
    }

    [Theory]
    [InlineData("250ms", 0.25)]
    [InlineData("20s", 20)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7200)]
    public void Durations_are_read_as_people_write_them(string text, double seconds)
    {
        DurationText.TryParse(text, out var duration).Should().BeTrue();
        duration.Should().Be(TimeSpan.FromSeconds(seconds));
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("20")]
    [InlineData("-1s")]
    [InlineData("1d")]
    [InlineData("1sm")]
    [InlineData("1001h")]
    [InlineData("1e9h")]
    public void What_is_no_duration_is_refused(string text) => DurationText.TryParse(text, out _).Should().BeFalse();
}
