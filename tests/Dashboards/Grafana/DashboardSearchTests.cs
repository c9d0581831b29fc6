using System.Text.Json;
using System.Text.RegularExpressions;
using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Dashboards.Grafana;

/// <summary>Every question to Elasticsearch asks for fields and streams that documents have.</summary>
public sealed partial class DashboardSearchTests
{
    private static readonly HashSet<string> Fields = [.. FieldRow().Matches(Document()).Select(static row => row.Groups["field"].Value)];

    [Fact]
    public void Every_field_that_is_asked_for_or_shown_is_documented()
    {
        Fields.Should().HaveCountGreaterThan(50);
        var used = DashboardFile.All.SelectMany(static dashboard =>
            dashboard.Searches.SelectMany(static search => FieldUse().Matches(search.Text).Select(static use => use.Groups["field"].Value))
                .Concat(Shown(dashboard)).Select(field => (Where: dashboard.Uid, Field: field)));

        used.Where(static one => !Fields.Contains(one.Field)).Should().BeEmpty("docs/elasticsearch-fields.md has no such field");
    }

    [Fact]
    public void Every_search_names_its_stream_which_the_collector_or_an_agent_fills()
    {
        foreach (var search in DashboardFile.All.SelectMany(static dashboard => dashboard.Searches))
            Document().Should().Contain($"| {Dataset().Match(search.Text).Groups["stream"].Value} | `logs-gpu.", search.ToString());
    }

    [Fact]
    public void Logs_of_a_node_a_gpu_and_a_job_are_those_of_that_node_gpu_and_job()
    {
        foreach (var (uid, limit) in ((string, string)[])[("gpu-node", "host.name:/${node:regex}/"), ("gpu-device", "gpu.index:$gpu"), ("gpu-job", "gpu.job.id:/${job_id:regex}/")])
            DashboardFile.All.Single(dashboard => dashboard.Uid == uid).Searches.Should().NotBeEmpty().And.OnlyContain(search => search.Text.Contains(limit, StringComparison.Ordinal), uid);
    }

    private static string Document() => File.ReadAllText(RepositoryRoot.Combine("docs", "elasticsearch-fields.md"));

    /// <summary>Fields of tables, and those that annotations show.</summary>
    private static IEnumerable<string> Shown(DashboardFile dashboard) =>
        dashboard.Everywhere("names").Where(static names => names.ValueKind == JsonValueKind.Array).SelectMany(static names => names.EnumerateArray()).Select(static name => name.GetString()!)
            .Concat(((string[])["timeField", "textField", "tagsField"]).SelectMany(dashboard.Everywhere).Select(static field => field.GetString()!));

    [GeneratedRegex(@"^\| `(?<field>[@a-z_0-9.]+)` \|", RegexOptions.Multiline)]
    private static partial Regex FieldRow();

    [GeneratedRegex(@"(?<![\w${])(?<field>[a-z_][a-z_0-9.]*):(?=[/\w($])")]
    private static partial Regex FieldUse();

    [GeneratedRegex(@"data_stream\.dataset:gpu\.(?<stream>\w+)")]
    private static partial Regex Dataset();
}
