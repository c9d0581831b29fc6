using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Detection.Rules.Files;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Rules.Files;

/// <summary>What a rule file can say of captures.</summary>
public sealed class RuleCaptureTests
{
    [Fact]
    public void A_rule_says_how_its_captures_are_taken() =>
        Load("a: { when: { absent: { after: 1m } }, actions: [event, capture], capture: { duration: 10s, profilers: [kineto, nsys_system], control: true } }").Rules.Single().Capture
            .Should().BeEquivalentTo(new RuleCapture(TimeSpan.FromSeconds(10), ["kineto", "nsys_system"], Control: true));

    [Theory]
    [InlineData("capture: { duration: 2m }", "rules.a.capture.duration is '2m', expected a duration from 500ms to 1m")]
    [InlineData("capture: { profilers: [ncu] }", "rules.a.capture.profilers[0] is 'ncu', expected counters, nsys_system, nsys_session or kineto")]
    [InlineData("capture: { controls: true }", "rules.a.capture.controls is not a known key")]
    [InlineData("capture: yes", "rules.a.capture is 'yes', expected a map of duration, profilers and control")]
    public void What_is_wrong_is_said(string capture, string mistake) =>
        Load($"a: {{ when: {{ absent: {{ after: 1m }} }}, actions: [capture], {capture} }}").Mistakes.Single().ToString().Should().Contain(mistake);

    [Fact]
    public void Options_without_the_action_count_for_nothing_and_that_is_said() =>
        Load("a: { when: { absent: { after: 1m } }, capture: { control: true } }").Mistakes.Single().ToString().Should().Contain("counts only with capture among 'actions'");

    [Fact]
    public void A_later_file_may_take_the_action_away_or_change_single_options()
    {
        const string Earlier = "rules:\n  a: { when: { absent: { after: 1m } }, actions: [event, capture], capture: { duration: 10s, control: true } }\n";

        RuleFiles.Load([new RuleText("1", Earlier), new RuleText("2", "rules:\n  a: { actions: [event] }\n")]).Mistakes.Should().BeEmpty();
        RuleFiles.Load([new RuleText("1", Earlier), new RuleText("2", "rules:\n  a: { capture: { duration: 2s } }\n")]).Rules.Single().Capture.Should().BeEquivalentTo(new RuleCapture(TimeSpan.FromSeconds(2), [], Control: true));
    }

    [Fact]
    public void Only_what_is_said_of_captures_makes_another_rule_of_it()
    {
        var rule = Load("a: { when: { absent: { after: 1m } }, actions: [capture] }").Rules.Single();

        RuleFingerprint.Of(rule with { Capture = new RuleCapture(null, [], Control: false) }).Should().Be(RuleFingerprint.Of(rule));
        RuleFingerprint.Of(rule with { Capture = new RuleCapture(null, [], Control: true) }).Should().NotBe(RuleFingerprint.Of(rule));
    }

    private static RuleLoad Load(string rule) => RuleFiles.Load([new RuleText("test.yaml", $"rules:\n  {rule}\n")]);
}
