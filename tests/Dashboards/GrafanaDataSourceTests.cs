using FluentAssertions;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Monitoring.Tests.Dashboards;

/// <summary>Grafana's data source looks where the documents are, by fields that they have.</summary>
[Collection(nameof(GoldenSearchServer))]
public sealed class GrafanaDataSourceTests(GoldenSearchServer shared)
{
    private static readonly YamlMappingNode Source = Read();

    [Fact]
    public void It_has_the_uid_that_links_use() => (Text(Source, "uid"), Text(Source, "type")).Should().Be(("gpu-logs", "elasticsearch"));

    [Theory]
    [InlineData("timeField")]
    [InlineData("logMessageField")]
    [InlineData("logLevelField")]
    public async Task Every_stream_has_its_fields(string setting)
    {
        var (field, index) = (Text(Options, setting), Text(Options, "index"));
        FieldTable.All[field].Streams.Should().HaveCount(5);

        var server = await shared.StartedAsync();
        var (status, answer) = await server.AskAsync("POST", $"/{index}/_search", $$$"""{"size":0,"query":{"exists":{"field":"{{{field}}}"}},"aggs":{"streams":{"terms":{"field":"event.dataset"} } } }""");
        status.Should().Be(200, $"{answer}");
        answer!["aggregations"]!["streams"]!["buckets"]!.AsArray().Select(static bucket => (string)bucket!["key"]!).Should().Contain(["gpu.event", "gpu.capture", "gpu.audit"]);
    }

    [Fact]
    public void Links_are_made_of_fields_that_hold_links() =>
        ((YamlSequenceNode)Options["dataLinks"]).Select(static link => Text((YamlMappingNode)link, "field").Trim('^', '$').Replace("\\", "", StringComparison.Ordinal))
            .Should().BeSubsetOf(FieldTable.All.Keys).And.HaveCount(3);

    private static YamlMappingNode Options => (YamlMappingNode)Source["jsonData"];

    private static string Text(YamlMappingNode node, string name) => ((YamlScalarNode)node[name]).Value!;

    private static YamlMappingNode Read()
    {
        var yaml = new YamlStream();
        using var text = File.OpenText(RepositoryRoot.Combine("dashboards", "grafana", "provisioning", "datasources", "elasticsearch.yaml"));
        yaml.Load(text);
        return (YamlMappingNode)((YamlSequenceNode)yaml.Documents[0].RootNode["datasources"]).Single();
    }
}
