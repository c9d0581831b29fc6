using System.Text.RegularExpressions;
using FluentAssertions;
using Monitoring.Tests.Collector;
using Xunit;

namespace Monitoring.Tests.Dashboards.Prometheus;

public sealed partial class AlertmanagerTests
{
    private static readonly string Shipped = ShippedRules.At("alertmanager", "alertmanager.yml");

    [Fact]
    public async Task The_configuration_is_valid()
    {
        var (code, output) = await ChildProcess.RunAsync(Requirement.Program("amtool"), ["check-config", Shipped]);
        code.Should().Be(0, output);
    }

    [Fact]
    public async Task Each_alert_comes_to_those_whom_its_severity_calls()
    {
        var amtool = Requirement.Program("amtool");
        foreach (var alert in ShippedRules.Alerts)
        {
            var expected = alert.Definition.Name == "Watchdog" ? "dead-man" : alert.Values.Severity switch
            {
                "critical" => "pager",
                "info" => "dashboard-only",
                _ => "tickets",
            };
            if (alert.Definition.WantsCapture) expected = "captures," + expected;
            (await ReceiversAsync(amtool, [$"alertname={alert.Definition.Name}", "cluster=lab", "node=n1", .. alert.Labels.Select(static label => $"{label.Name}={label.Value}")]))
                .Should().Be(expected, alert.Definition.Name);
        }
    }

    [Theory]
    [InlineData("severity=critical", "pager")]
    [InlineData("severity=warning", "tickets")]
    [InlineData("severity=info", "dashboard-only")]
    [InlineData("severity=critical component=pipeline", "pager")]
    [InlineData("severity=warning component=pipeline", "tickets")]
    [InlineData("severity=info component=pipeline", "dashboard-only")]
    [InlineData("severity=critical capture=true", "captures,pager")]
    [InlineData("severity=strange", "tickets")]
    public async Task Alerts_of_your_own_go_by_their_severity_and_none_is_lost(string labels, string expected) =>
        (await ReceiversAsync(Requirement.Program("amtool"), ["alertname=Mine", .. labels.Split(' ')])).Should().Be(expected);

    [Fact]
    public void Inhibition_speaks_of_alerts_that_there_are()
    {
        var text = File.ReadAllText(Shipped);
        var names = AlertNames().Matches(text).SelectMany(static match => match.Groups["names"].Value.Split('|')).Distinct().ToList();
        names.Should().HaveCountGreaterThan(20);
        foreach (var name in names)
            ShippedRules.Names.Should().Contain(known => Regex.IsMatch(known, $"^(?:{name})$"), $"'{name}' stands in alertmanager.yml");
    }

    private static async Task<string> ReceiversAsync(string amtool, IEnumerable<string> labels)
    {
        var (code, output) = await ChildProcess.RunAsync(amtool, ["config", "routes", "test", $"--config.file={Shipped}", .. labels]);
        code.Should().Be(0, output);
        return output.Split('\n')[0].Trim();
    }

    [GeneratedRegex("alertname!?=~?\"(?<names>[^\"]+)\"")]
    private static partial Regex AlertNames();
}
