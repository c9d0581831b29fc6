using FluentAssertions;
using Monitoring.Agent.Exposition.DcgmExporter;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Exposition.DcgmExporter;

/// <summary>Whole pages of simulated nodes, as Prometheus gets them.</summary>
[Collection(SimulatedDriverTests.Name)]
public sealed class DcgmPageGoldenTests
{
    [Theory]
    [InlineData("h100", Compatibility.DcgmExporter)]
    [InlineData("h100", Compatibility.DcgmExporter483)]
    [InlineData("h100", Compatibility.DcgmExporter49)]
    [InlineData("h100-mig", Compatibility.DcgmExporter)]
    [InlineData("h100-mig", Compatibility.DcgmExporter49)]
    [InlineData("a100", Compatibility.DcgmExporter)]
    [InlineData("t4", Compatibility.DcgmExporter)]
    public void The_page_is_as_it_was(string profile, Compatibility compatibility)
    {
        using var node = new PageUnderTest(profile, profile == "h100" ? 2 : 1);
        node.Jobs.Add(node.Node.Gpus[0].Uuid, new JobReference("slurm", "4711", "train", "alice"));
        if (node.Node.Gpus.Count > 1) node.Jobs.Add(node.Node.Gpus[1].Uuid, new JobReference("kubernetes", "uid-1", Namespace: "research", Pod: "trainer-0", Container: "main"));
        node.Xids.Add(node.Node.Gpus[^1].Uuid, 94);

        GoldenFile.Check($"Agent/dcgm-exporter/{profile}-{compatibility}.txt", node.SecondScrape(DcgmFlavour.Of(compatibility)));
    }

    [Fact]
    public void The_document_says_how_many_series_a_gpu_costs()
    {
        var document = File.ReadAllText(RepositoryRoot.Combine("docs", "dcgm-exporter.md"));

        document.Should().Contain($"It costs an H100 {Series("h100", DcgmFlavour.Until482)} series ({Series("h100", DcgmFlavour.From49)} with the names of 4.9), an A100 {Series("a100", DcgmFlavour.Until482)} and a T4 {Series("t4", DcgmFlavour.Until482)};");

        static int Series(string profile, DcgmFlavour flavour)
        {
            using var node = new PageUnderTest(profile, gpus: 1);
            return node.SecondScrape(flavour).Split('\n').Count(static line => line.StartsWith("DCGM_", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_page_is_read_without_an_error_and_promtool_complains_of_nothing_but_the_names()
    {
        Requirement.Program("promtool");
        using var node = new PageUnderTest();
        foreach (var flavour in (DcgmFlavour[])[DcgmFlavour.Until482, DcgmFlavour.From483, DcgmFlavour.From49])
        {
            var said = await Promtool.CheckMetricsAsync(node.SecondScrape(flavour));

            // NVIDIA's names are what they are; an error of the text would end it before it comes to names.
            said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().OnlyContain(static line =>
                line.Contains("should have \"_total\" suffix") || line.Contains("should be written in 'snake_case'") || line.Contains("should not include type 'counter'") || line == "exit code 3");
        }
    }
}
