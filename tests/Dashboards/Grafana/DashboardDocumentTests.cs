using System.Text.RegularExpressions;
using FluentAssertions;
using Monitoring.Tests.Dashboards.Promql;
using Xunit;

namespace Monitoring.Tests.Dashboards.Grafana;

/// <summary>docs/dashboards.md: which pages there are, and which metrics are on none of them and why.</summary>
public sealed partial class DashboardDocumentTests
{
    private static readonly string Document = File.ReadAllText(RepositoryRoot.Combine("docs", "dashboards.md"));

    [Fact]
    public async Task Every_exported_metric_is_on_a_page_or_in_the_document_with_the_reason()
    {
        var metrics = await ExportedMetrics.AllAsync();
        var rules = RuleFile.All.Where(static rule => rule.Record.Length > 0).ToArray();
        var texts = DashboardFile.All.SelectMany(static page => page.Queries.Concat(page.AnnotationQueries)).Select(static query => query.With(Choices.Any)).ToArray();
        var trees = await Expression.ReadAsync([.. texts, .. rules.Select(static rule => rule.Expression)]);
        var used = trees.Take(texts.Length).SelectMany(static read => read.Tree!.Selectors).Select(static selector => selector.Name).ToHashSet(StringComparer.Ordinal);
        // What a page asks for as a recorded series is on the page too; rules record from what others record.
        var recorded = rules.Zip(trees.Skip(texts.Length), static (rule, read) => (rule.Record, Names: read.Tree!.Selectors.Select(static selector => selector.Name).ToArray())).ToArray();
        for (var before = 0; before != used.Count;)
        {
            before = used.Count;
            foreach (var (record, names) in recorded)
                if (used.Contains(record)) used.UnionWith(names);
        }

        // A histogram is on a page with its buckets.
        var unused = metrics.Keys.Where(name => name.StartsWith("gpu_", StringComparison.Ordinal) && !used.Contains(name) && !used.Contains(HistogramPart().Replace(name, "_bucket")));

        string.Join('\n', UnusedRow().Matches(Document).Select(static row => row.Groups["name"].Value).Order(StringComparer.Ordinal)).Should().Be(string.Join('\n', unused.Order(StringComparer.Ordinal)));
        UnusedRow().Matches(Document).Should().OnlyContain(static row => row.Groups["reason"].Value.Trim().Length > 0);
    }

    [Fact]
    public void Every_page_is_described_with_its_question()
    {
        foreach (var page in DashboardFile.All)
            Document.Should().Contain($"| `{page.Uid}` | {page.Json.GetProperty("description").GetString()} |");
    }

    [GeneratedRegex(@"^\| `(?<name>gpu_[a-z0-9_]+)` \| (?<reason>.*) \|$", RegexOptions.Multiline)]
    private static partial Regex UnusedRow();

    [GeneratedRegex("_(sum|count)$")]
    private static partial Regex HistogramPart();
}
