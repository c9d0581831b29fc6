using System.Text.RegularExpressions;
using FluentAssertions;
using Monitoring.Tests.Dashboards.Promql;
using Xunit;

namespace Monitoring.Tests.Dashboards.Grafana;

/// <summary>Every question to Prometheus can be read, and asks for metrics and labels that are there.</summary>
public sealed partial class DashboardQueryTests
{
    /// <summary>Counters whose series are born at their first happening, which an increase does not see; they are compared with what they were.</summary>
    private static readonly string[] BornLate = ["gpu_captures_total", "gpu_capture_refusals_total", "gpu_events_total"];

    /// <summary>Ranges that mean a time of their own: a day of events, the whole time shown.</summary>
    private static readonly string[] RangesWithAMeaning = ["1d", "30d", "1h", "$__range"];

    private static IReadOnlyList<PanelQuery> Queries { get; } = [.. DashboardFile.All.SelectMany(static dashboard => dashboard.Queries.Concat(dashboard.AnnotationQueries))];

    [Fact]
    public async Task Every_expression_can_be_read()
    {
        var read = await Expression.ReadAsync([.. Queries.Select(static query => query.With(Choices.Any))]);

        read.Zip(Queries, static (answer, query) => answer.Fault is null ? null : $"{query}: {answer.Fault}").Where(static fault => fault is not null).Should().BeEmpty();
        Queries.Should().HaveCountGreaterThan(250);
    }

    [Fact]
    public async Task The_reader_refuses_what_is_no_promql() =>
        (await Expression.ReadAsync(["sum(x", "x{a=~}", "rate(x[5m)", "x y"])).Should().OnlyContain(static answer => answer.Fault != null);

    [Fact]
    public async Task Every_metric_and_every_label_is_exported()
    {
        var check = new LabelCheck(await ExportedMetrics.AllAsync());
        var faults = new List<string>();
        foreach (var (query, (tree, _)) in Queries.Zip(await Expression.ReadAsync([.. Queries.Select(static query => query.With(Choices.Any))])))
        {
            faults.AddRange(check.Faults(tree!).Select(fault => $"{query}: {fault}"));
            var labels = check.LabelsOf(tree!);
            faults.AddRange(LegendLabel().Matches(query.Legend).Select(static match => match.Groups["label"].Value).Where(label => !labels.Contains(label)).Select(label => $"{query}: the legend names {label}, which the answer lacks"));
        }

        faults.Should().BeEmpty();
    }

    [Fact]
    public async Task Every_variable_asks_for_a_label_that_is_there()
    {
        var metrics = await ExportedMetrics.AllAsync();
        var check = new LabelCheck(metrics);
        foreach (var dashboard in DashboardFile.All)
            foreach (var variable in dashboard.Variables.Where(static variable => variable.GetProperty("type").GetString() == "query"))
            {
                var query = variable.GetProperty("query").GetProperty("query").GetString()!;
                var match = LabelValues().Match(query);
                match.Success.Should().BeTrue(query);
                var selector = new PanelQuery(dashboard.Uid, "variable", "", match.Groups["selector"].Value);
                var (tree, fault) = (await Expression.ReadAsync([selector.With(Choices.Any)]))[0];
                fault.Should().BeNull(query);
                check.Faults(tree!).Should().BeEmpty(query);
                metrics[tree!.Name].Labels.Should().Contain(match.Groups["label"].Value, query);
            }
    }

    [Fact]
    public async Task The_check_of_labels_finds_what_is_not_there()
    {
        var check = new LabelCheck(await ExportedMetrics.AllAsync());
        (string Query, string Fault)[] cases =
        [
            ("gpu_power_wats", "exported by nobody"), ("gpu_power_watts{sensor=\"gpu\"}", "no label sensor"), ("sum by (sensor) (gpu_power_watts)", "has the label sensor"),
            ("gpu_power_watts * on (gpu, sensor) gpu_temperature_celsius", "no label sensor"), ("gpu_power_watts * on (gpu) group_left (sensor) gpu_info", "takes the label sensor"),
            ("sum by (gpu) (sum by (node) (gpu_power_watts))", "has the label gpu"),
        ];
        foreach (var ((query, fault), (tree, _)) in cases.Zip(await Expression.ReadAsync([.. cases.Select(static one => one.Query)])))
            check.Faults(tree!).Should().Contain(found => found.Contains(fault, StringComparison.Ordinal), query);
    }

    [Fact]
    public async Task Counters_are_asked_for_their_growth_and_ranges_fit_the_step()
    {
        var metrics = await ExportedMetrics.AllAsync();
        var faults = new List<string>();
        foreach (var (query, (tree, _)) in Queries.Zip(await Expression.ReadAsync([.. Queries.Select(static query => query.With(Choices.Any))])))
        {
            var grown = tree!.All.Where(static part => part is { Kind: "call", Name: "rate" or "irate" or "increase" }).SelectMany(static call => call.Arguments).ToHashSet();
            faults.AddRange(tree.Selectors.Where(selector => metrics[selector.Name].IsCounter && !grown.Contains(selector) && !BornLate.Contains(selector.Name)).Select(selector => $"{query}: the counter {selector.Name} is not asked for its growth"));
            faults.AddRange(grown.Where(selector => !metrics[selector.Name].IsCounter && !selector.Name.EndsWith("_bucket", StringComparison.Ordinal)).Select(selector => $"{query}: {selector.Name} is no counter"));
            faults.AddRange(Range().Matches(query.Text).Select(static match => match.Groups["range"].Value).Where(static range => range != "$__rate_interval" && !RangesWithAMeaning.Contains(range)).Select(range => $"{query}: the range {range}"));
        }

        faults.Should().BeEmpty();
    }

    [Fact]
    public async Task The_fleets_page_asks_for_little_however_many_nodes_there_are()
    {
        var queries = DashboardFile.All.Single(static dashboard => dashboard.Uid == "gpu-fleet") is { } fleet ? fleet.Queries.Concat(fleet.AnnotationQueries).ToArray() : [];
        var metrics = await ExportedMetrics.AllAsync();
        var faults = new List<string>();
        foreach (var (query, (tree, _)) in queries.Zip(await Expression.ReadAsync([.. queries.Select(static query => query.With(Choices.Any))])))
        {
            faults.AddRange(tree!.Selectors.Where(selector => selector.Name != "ALERTS" && metrics[selector.Name].Labels.Overlaps(["gpu", "uuid", "link"])).Select(selector => $"{query}: {selector.Name} has a series for each GPU"));
            // A series for each node is drawn for the worst nodes alone.
            var isBounded = tree.All.Any(static part => part is { Kind: "aggregate", Name: "topk" or "bottomk" }) || !new LabelCheck(metrics).LabelsOf(tree).Contains("node");
            if (!isBounded) faults.Add($"{query}: every node is drawn");
        }

        faults.Should().BeEmpty();
    }

    [GeneratedRegex(@"\{\{(?<label>\w+)\}\}")]
    private static partial Regex LegendLabel();

    [GeneratedRegex(@"^label_values\((?<selector>.+), (?<label>\w+)\)$")]
    private static partial Regex LabelValues();

    [GeneratedRegex(@"\[(?<range>[^\]]+)\]")]
    private static partial Regex Range();
}
