using FluentAssertions;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Monitoring.Tests.Dashboards.Grafana;

/// <summary>What Grafana reads when it starts.</summary>
public sealed class ProvisioningTests
{
    [Fact]
    public void Dashboards_are_provisioned_as_they_are()
    {
        var provider = (YamlMappingNode)((YamlSequenceNode)Root("dashboards", "gpu.yaml")["providers"]).Single();

        (Text(provider, "type"), Text(provider, "allowUiUpdates"), Text(provider, "folderUid")).Should().Be(("file", "false", "gpu-monitoring"));
        Text((YamlMappingNode)provider["options"], "path").Should().Be("$GPU_DASHBOARDS");
    }

    [Fact]
    public void The_source_of_metrics_has_a_uid_that_stays_and_the_interval_of_the_shipped_scrapes()
    {
        var source = (YamlMappingNode)((YamlSequenceNode)Root("datasources", "prometheus.yaml")["datasources"]).Single();

        (Text(source, "type"), Text(source, "uid")).Should().Be(("prometheus", "gpu-metrics"));
        File.ReadAllText(RepositoryRoot.Combine("dashboards", "prometheus", "prometheus.yml")).Should().Contain($"scrape_interval: {Text((YamlMappingNode)source["jsonData"], "timeInterval")}\n");
    }

    [Fact]
    public void Every_file_is_of_version_1()
    {
        foreach (var path in Directory.GetFiles(RepositoryRoot.Combine("dashboards", "grafana", "provisioning"), "*.yaml", SearchOption.AllDirectories))
            Text(Read(path), "apiVersion").Should().Be("1", path);
    }

    private static YamlMappingNode Root(string folder, string file) => Read(RepositoryRoot.Combine("dashboards", "grafana", "provisioning", folder, file));

    private static YamlMappingNode Read(string path)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(path);
        stream.Load(reader);
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }

    private static string Text(YamlMappingNode node, string name) => node[name].ToString();
}
