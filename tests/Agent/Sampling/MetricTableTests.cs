using System.Text.RegularExpressions;
using FluentAssertions;
using Monitoring.Agent.Exposition;
using Monitoring.Agent.Sampling;
using Xunit;

namespace Monitoring.Tests.Agent.Sampling;

public sealed partial class MetricTableTests
{
    [Fact]
    public void Names_are_unique_and_well_formed()
    {
        MetricTable.All.Select(static metric => metric.Name).Should().OnlyHaveUniqueItems();
        MetricTable.All.Should().OnlyContain(static metric => MetricName().IsMatch(metric.Name));
        MetricTable.All.Select(static metric => metric.InstrumentName.ToLowerInvariant()).Should().OnlyHaveUniqueItems("OpenTelemetry compares them without case");
    }

    [Fact]
    public void Counters_and_only_counters_end_in_total() =>
        MetricTable.All.Should().OnlyContain(static metric => metric.Name.EndsWith("_total") == (metric.Kind == MetricKind.Counter));

    [Fact]
    public void Help_is_a_sentence() =>
        MetricTable.All.Should().OnlyContain(static metric => metric.Help.EndsWith('.') && (char.IsUpper(metric.Help[0]) || char.IsDigit(metric.Help[0])));

    [Fact]
    public void The_unit_stands_in_the_name() =>
        MetricTable.All.Should().OnlyContain(static metric => metric.Unit.Suffix.Length == 0 || ("_" + metric.Name + "_").Contains("_" + metric.Unit.Suffix + "_"));

    [Fact]
    public void The_standard_translation_turns_instrument_names_into_the_metrics_names()
    {
        foreach (var metric in MetricTable.All)
        {
            Translate(metric.InstrumentName, metric.InstrumentUnit, metric.Kind, appendsRatio: true).Should().Be(metric.Name);
            Translate(metric.InstrumentName, metric.InstrumentUnit, metric.Kind, appendsRatio: false).Should().Be(metric.Name);
        }
    }

    [Fact]
    public void The_first_name_of_the_vocabulary_translates_as_it_promises()
    {
        MetricTable.Temperature.InstrumentName.Should().Be("gpu.temperature");
        MetricTable.Temperature.InstrumentUnit.Ucum.Should().Be("Cel");
        MetricTable.Energy.InstrumentName.Should().Be("gpu.energy");
        MetricTable.Energy.InstrumentUnit.Ucum.Should().Be("J");
    }

    [Fact]
    public void The_document_of_the_metrics_is_up_to_date()
    {
        var path = RepositoryRoot.Combine("docs", "metrics.md");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1" && !ContinuousIntegration.IsOn) File.WriteAllText(path, MetricDocument.Markdown());
        File.ReadAllText(path).Should().Be(MetricDocument.Markdown(), "docs/metrics.md is written by `gpu-agent list-metrics`; UPDATE_GOLDEN=1 renews it");
    }

    [Fact]
    public void Labels_that_every_series_carries_are_not_repeated() =>
        MetricTable.All.Should().OnlyContain(static metric => !metric.LabelNames.Contains("cluster") && !metric.LabelNames.Contains("node")
            && (metric is NodeMetric || !metric.LabelNames.Contains("gpu")));

    /// <summary>The rules of the OpenTelemetry to Prometheus translation, as far as the table needs them.</summary>
    private static string Translate(string instrument, Unit unit, MetricKind kind, bool appendsRatio)
    {
        var name = instrument.Replace('.', '_');
        if (unit.Suffix.Length > 0 && (unit != Unit.Ratio || appendsRatio) && !name.EndsWith("_" + unit.Suffix, StringComparison.Ordinal)) name += "_" + unit.Suffix;
        return kind == MetricKind.Counter ? name + "_total" : name;
    }

    [GeneratedRegex("^gpu_[a-z0-9_]+$")]
    private static partial Regex MetricName();
}
