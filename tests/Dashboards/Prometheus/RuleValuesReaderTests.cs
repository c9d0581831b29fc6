using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Dashboards.Generator.Prometheus;
using Xunit;

namespace Monitoring.Tests.Dashboards.Prometheus;

public sealed class RuleValuesReaderTests
{
    [Theory]
    [InlineData("grafana: http://localhost:3000", "grafana: localhost", "links.grafana is 'localhost', expected an address that begins with http:// or https://")]
    [InlineData("interval: 1m", "interval: soon", "interval is 'soon', expected a duration of one unit such as 15m")]
    [InlineData("incident_window: 15m", "incident_window: 2m", "incident_window is '2m', expected at least 4 minutes: 4 times slowest_scrape")]
    [InlineData("selector: ''", "", "selector is missing")]
    [InlineData("selector: ''", "selector: ''\ncolour: red", "colour is no key, expected one of alerts, *")]
    [InlineData("  collector: gpu-collector", "  collector: gpu-collector\n  others: x", "jobs.others is no key, expected one of collector, nodes")]
    [InlineData("[109, 119, 120]", "[109, many]", "xids_not_repeated holds 'many', expected numbers of XIDs")]
    [InlineData("threshold: 512", "threshold: plenty", "alerts.GpuRowRemapLimit.threshold is 'plenty', expected a number such as 0.05")]
    [InlineData("    severity: none", "    severity: loud", "alerts.Watchdog.severity is 'loud', expected one of critical, warning, info, none")]
    [InlineData("links:\n", "? {a: 1}\n: 2\nlinks:\n", "values.yaml:*: a key of the file is a map, expected a word")]
    [InlineData("jobs:\n", "jobs:\n  ? [a]\n  : 2\n", "values.yaml:*: a key of jobs is a list, expected a word")]
    public void A_mistake_is_told_with_key_value_and_remedy(string right, string wrong, string expected)
    {
        ShippedRules.ValuesText.Should().Contain(right);
        var read = () => RuleValuesReader.Read(ShippedRules.ValuesText.Replace(right, wrong, StringComparison.Ordinal));
        read.Should().Throw<ValuesException>().WithMessage(expected);
    }

    [Theory]
    [InlineData("    threshold: 512\n", "", "alerts.GpuRowRemapLimit: the key threshold is missing")]
    [InlineData("    threshold: 512\n", "    threshold: 512\n    colour: 3\n", "alerts.GpuRowRemapLimit: the key colour is used by nothing")]
    [InlineData("  GpuRowRemapLimit:\n", "  GpuRowRemapLimits:\n", "alerts.GpuRowRemapLimit is missing, *")]
    [InlineData("  Watchdog:\n", "  GpuOnFire:\n    severity: info\n    for: 0s\n    source: nobody\n  Watchdog:\n", "alerts.GpuOnFire is no alert, expected one of *")]
    public void Values_that_fit_no_alert_are_refused(string right, string wrong, string expected)
    {
        ShippedRules.ValuesText.Should().Contain(right);
        var make = () => RuleFiles.Alerts(RuleValuesReader.Read(ShippedRules.ValuesText.Replace(right, wrong, StringComparison.Ordinal)), ShippedRules.Directory);
        make.Should().Throw<ValuesException>().WithMessage(expected);
    }

    [Fact]
    public void Whatever_is_cut_out_of_the_file_it_is_read_or_refused_in_words() => Prop.ForAll<ushort, byte, char>((at, length, put) =>
    {
        var start = at % ShippedRules.ValuesText.Length;
        var damaged = ShippedRules.ValuesText.Remove(start, Math.Min(length, ShippedRules.ValuesText.Length - start)).Insert(start, put.ToString());
        try
        {
            RuleFiles.Alerts(RuleValuesReader.Read(damaged), ShippedRules.Directory);
            return true;
        }
        catch (ValuesException refusal)
        {
            return refusal.Message.Length > 0;
        }
    }).Check(Fuzzing.Cases(500));

    [Fact]
    public void A_change_of_a_value_shows_in_the_rule_and_in_its_words()
    {
        var changed = RuleValuesReader.Read(ShippedRules.ValuesText.Replace("threshold: 512", "threshold: 400", StringComparison.Ordinal));
        var alert = RuleFiles.Alerts(changed, ShippedRules.Directory).SelectMany(static group => group.Alerts).Single(static alert => alert.Definition.Name == "GpuRowRemapLimit");
        alert.Expression.Should().EndWith(">= 400");
        alert.Annotations.Should().Contain(static entry => entry.Name == "description" && entry.Value.Contains("the limit is 400", StringComparison.Ordinal));
    }
}
