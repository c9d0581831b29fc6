using System.Text.RegularExpressions;
using FluentAssertions;
using Monitoring.Contracts.Xid;
using Monitoring.Tests.Collector;
using Xunit;

namespace Monitoring.Tests.Dashboards.Prometheus;

public sealed partial class RunbookTests
{
    private const string Index = "README";

    private static readonly string Folder = RepositoryRoot.Combine("docs", "runbooks");

    private static readonly IReadOnlyDictionary<string, string> Pages =
        Directory.GetFiles(Folder, "*.md").ToDictionary(static path => Path.GetFileNameWithoutExtension(path), File.ReadAllText, StringComparer.Ordinal);

    private static IEnumerable<string> Aliases => Pages.Values.SelectMany(static text => Also().Matches(text)).Select(static match => match.Groups["name"].Value);

    [Fact]
    public void Every_alert_has_a_page_and_every_page_an_alert() =>
        Pages.Keys.Where(static name => name != Index).Should().BeEquivalentTo(ShippedRules.Names);

    [Fact]
    public void What_the_agent_names_in_its_rules_and_events_is_a_page_too()
    {
        var rules = File.ReadAllText(RepositoryRoot.Combine("agent", "Detection", "Rules", "shipped.yaml"));
        var named = RuleRunbook().Matches(rules).Select(static match => match.Groups["name"].Value)
            .Concat(XidCatalogue.All.Select(static entry => entry.Runbook).Where(static name => name.Length > 0))
            .Distinct().ToList();
        named.Should().HaveCountGreaterThan(30);
        named.Except(Pages.Keys).Except(Aliases).Should().BeEmpty();
    }

    [Fact]
    public void An_alias_is_no_page_and_belongs_to_one() => Aliases.Should().NotBeEmpty().And.OnlyHaveUniqueItems().And.NotIntersectWith(Pages.Keys);

    [Fact]
    public void Every_page_says_what_it_means_what_to_look_at_and_what_to_do()
    {
        foreach (var alert in ShippedRules.Alerts)
        {
            var name = alert.Definition.Name;
            var text = Pages[name];
            text.Should().StartWith($"# {name}\n");
            text.Should().MatchRegex(@"\*\*Meaning\.\*\* .{30,}", name).And.MatchRegex(@"\*\*Impact\.\*\* .{5,}", name);
            text.Should().Contain("\n## Diagnosis\n", name).And.Contain("\n## Mitigation\n\n1. ", name).And.Contain("\n## Escalation\n", name).And.Contain("\n```promql\n", name);
            text.Should().Contain($"\n## Source\n\n{char.ToUpperInvariant(alert.Values.Source[0])}{alert.Values.Source[1..]}.", "{0} names the source that values.yaml has", name);
        }
    }

    [Fact]
    public void The_index_and_the_links_between_pages_lead_somewhere()
    {
        foreach (var name in ShippedRules.Names) Pages[Index].Should().Contain($"]({name}.md)");
        foreach (var (page, text) in Pages)
            foreach (Match link in Link().Matches(text))
                File.Exists(Path.Combine(Folder, link.Groups["path"].Value)).Should().BeTrue($"{page}.md links to {link.Groups["path"].Value}");
    }

    [Fact]
    public void Settings_that_pages_name_are_settings()
    {
        var known = File.ReadAllText(RepositoryRoot.Combine("docs", "configuration.md"));
        foreach (var (page, text) in Pages)
            foreach (Match setting in Setting().Matches(text))
                known.Should().Contain($"`{setting.Groups["name"].Value}`", $"{page}.md names it");
    }

    [Fact]
    public void Commands_of_ours_that_pages_name_are_commands()
    {
        var known = ((string[])["agent", "cli"])
            .SelectMany(static project => Directory.EnumerateFiles(RepositoryRoot.Combine(project), "*.cs", SearchOption.AllDirectories))
            .SelectMany(static file => CommandMade().Matches(File.ReadAllText(file))).Select(static match => match.Groups["name"].Value);
        var commands = Pages.Values.SelectMany(static text => Command().Matches(text)).Select(static match => match.Groups["name"].Value).Distinct().ToList();
        commands.Should().Contain("check").And.Contain("doctor").And.Contain("captures");
        commands.Except(known).Should().BeEmpty();
    }

    [Fact]
    public async Task Every_query_of_a_page_can_be_read_by_Prometheus()
    {
        var promtool = Requirement.Program("promtool");
        var queries = Pages.Values.SelectMany(static text => Queries().Matches(text)).SelectMany(static match => match.Groups["lines"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToList();
        queries.Should().HaveCountGreaterThan(100);
        var file = Path.Combine(Directory.CreateTempSubdirectory("runbooks-").FullName, "queries.yaml");
        await File.WriteAllTextAsync(file, "groups:\n  - name: queries\n    rules:\n" + string.Concat(queries.Select(static (query, number) => $"      - record: query:number:{number}\n        expr: |-\n          {query}\n")));
        var (code, output) = await ChildProcess.RunAsync(promtool, ["check", "rules", file]);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        code.Should().Be(0, output);
    }

    [GeneratedRegex("^Also called: `(?<name>[A-Za-z]+)`\\.$", RegexOptions.Multiline)]
    private static partial Regex Also();

    [GeneratedRegex("^ +runbook: (?<name>[A-Za-z]+)$", RegexOptions.Multiline)]
    private static partial Regex RuleRunbook();

    [GeneratedRegex(@"\]\((?<path>[^)#:]+\.md)\)")]
    private static partial Regex Link();

    // Two words or more with dots between, such as sampling.per_link_errors; values.yaml and prometheus.yml are files.
    [GeneratedRegex(@"`(?<name>(?!alerts\.)[a-z_]+(?:\.[a-z_]+)+(?<!\.(?:yaml|yml|md|conf)))`")]
    private static partial Regex Setting();

    [GeneratedRegex(@"\b(?:gpu-agent|gpuctl) (?<name>[a-z][a-z-]*)(?= |`|$|\n|,|;|:)", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex("Command\\(\"(?<name>[a-z-]+)\"")]
    private static partial Regex CommandMade();

    [GeneratedRegex("```promql\n(?<lines>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Queries();
}
