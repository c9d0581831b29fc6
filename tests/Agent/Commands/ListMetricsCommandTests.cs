using FluentAssertions;
using Monitoring.Agent.Exposition;
using Monitoring.Agent.Exposition.DcgmExporter;
using Monitoring.Tests.Install;
using Xunit;

namespace Monitoring.Tests.Agent.Commands;

public sealed class ListMetricsCommandTests
{
    [Fact]
    public async Task It_prints_the_agents_metrics_or_the_fields_of_dcgm_exporter()
    {
        (await Installer.RunProgramAsync(CheckCommandTests.Program, "list-metrics")).Output.Should().Be(MetricDocument.Markdown());
        (await Installer.RunProgramAsync(CheckCommandTests.Program, "list-metrics", "--dcgm-exporter")).Output.Should().Be(DcgmDocument.Markdown());
    }
}
