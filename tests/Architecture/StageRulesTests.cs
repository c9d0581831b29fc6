using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Architecture;

public sealed class StageRulesTests
{
    [Fact]
    public void A_stage_uses_only_stages_before_it() => StageRules.StageOrder(SourceTree.Repository).Should().BeEmpty();

    [Fact]
    public void Projects_reference_only_what_the_layout_allows() => StageRules.References(SourceTree.Repository).Should().BeEmpty();

    [Fact]
    public void No_source_names_a_project_that_its_own_may_not_reference() => StageRules.ProjectNames(SourceTree.Repository).Should().BeEmpty();

    [Fact]
    public void Every_stage_of_the_table_is_allowed_only_stages_that_the_table_knows()
    {
        var unknown = Stages.MayUse.SelectMany(static row => row.Value.Select(used => $"{row.Key.Split('/')[0]}/{used}")).Where(static stage => !Stages.MayUse.ContainsKey(stage));

        unknown.Should().BeEmpty();
    }

    [Fact]
    public void The_table_has_no_circles()
    {
        var rest = Stages.MayUse.ToDictionary(static row => row.Key, static row => row.Value.Select(used => $"{row.Key.Split('/')[0]}/{used}").ToHashSet());
        while (rest.FirstOrDefault(static row => row.Value.Count == 0) is { Key: { } free })
        {
            rest.Remove(free);
            foreach (var used in rest.Values)
                used.Remove(free);
        }

        rest.Keys.Should().BeEmpty("these stages use each other in a circle");
    }

    [Theory]
    [InlineData("agent/Sampling/MetricTable.cs", "using Monitoring.Agent.Detection;")]
    [InlineData("agent/Sampling/Nested/Deep.cs", "using static Monitoring.Agent.Hosting.Clock;")]
    [InlineData("agent/Devices/A.cs", "using Frames = Monitoring.Agent.Sampling.Frames;")]
    [InlineData("agent/Devices/A.cs", "var frame = new Monitoring.Agent.Sampling.Frame();")]
    [InlineData("agent/Stray/A.cs", "")]
    [InlineData("collector/Series/A.cs", "using Monitoring.Collector.Ingest;")]
    public void A_planted_use_against_the_order_is_named(string path, string text) =>
        StageRules.StageOrder([new SourceFile(path, text)]).Should().ContainSingle().Which.Should().StartWith(path);

    [Theory]
    [InlineData("agent/Sampling/A.cs", "using Monitoring.Agent.Devices;\nusing Monitoring.Agent.Sampling.Lanes;\nusing Monitoring.Settings;")]
    [InlineData("agent/Sampling/A.cs", "// unlike Monitoring.Agent.Hosting\nvar text = \"Monitoring.Agent.Hosting\";")]
    [InlineData("agent/Program.cs", "using Monitoring.Agent.Hosting;")]
    [InlineData("collector/Ingest/A.cs", "using Monitoring.Collector.Series;")]
    public void A_use_in_the_order_is_allowed(string path, string text) => StageRules.StageOrder([new SourceFile(path, text)]).Should().BeEmpty();

    [Theory]
    [InlineData("agent/Monitoring.Agent.csproj", "../collector/Monitoring.Collector.csproj")]
    [InlineData("collector/Monitoring.Collector.csproj", "../agent/Monitoring.Agent.csproj")]
    [InlineData("contracts/Monitoring.Contracts.csproj", "..\\settings\\Monitoring.Settings.csproj")]
    public void A_planted_reference_is_named(string path, string target) =>
        StageRules.References([new SourceFile(path, $"<Project>\n  <ProjectReference Include=\"{target}\" />\n</Project>")])
            .Should().ContainSingle().Which.Should().StartWith($"{path}:2 references");

    [Theory]
    [InlineData("agent/Hosting/A.cs", "using Monitoring.Collector.Series;")]
    [InlineData("collector/Program.cs", "Monitoring.Agent.AgentApp.Build(args);")]
    [InlineData("contracts/A.cs", "using Monitoring.Settings;")]
    public void A_planted_name_of_a_foreign_project_is_named(string path, string text) =>
        StageRules.ProjectNames([new SourceFile(path, text)]).Should().ContainSingle().Which.Should().StartWith($"{path}:1 uses Monitoring.");
}
