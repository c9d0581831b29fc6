using FluentAssertions;
using Monitoring.Agent.Hosting;
using Monitoring.Collector;
using Monitoring.Settings;
using Xunit;

namespace Monitoring.Tests;

public sealed class ConfigurationDocumentTests
{
    private const string Introduction = """
        # Configuration

        Written from the settings classes; do not edit (`UPDATE_GOLDEN=1 ./install.sh test` renews it). A key can be set in the YAML file
        (`--config FILE`), in the environment and with `--set key=value`; the later of these wins. `check-config` prints what holds and who set it.


        """;

    [Fact]
    public void The_document_of_the_settings_is_up_to_date()
    {
        var text = Introduction
            + SettingsDocument.Markdown<AgentSettings>("gpu-agent", "GPU_AGENT_") + "\n"
            + SettingsDocument.Markdown<CollectorSettings>("gpu-collector", "GPU_COLLECTOR_");
        var path = RepositoryRoot.Combine("docs", "configuration.md");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1" && !ContinuousIntegration.IsOn) File.WriteAllText(path, text);
        File.ReadAllText(path).Should().Be(text, "docs/configuration.md is written from the settings classes; UPDATE_GOLDEN=1 renews it");
    }
}
