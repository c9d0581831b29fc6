using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>The fake against the server that it stands for, and its answers on paper.</summary>
[Collection(nameof(RealServers))]
public sealed class FakeClusterTests(RealServers servers)
{
    [Fact]
    public async Task The_fake_answers_as_the_real_OpenSearch_does()
    {
        Requirement.That(RealServers.Named is null, "the server that ELASTICSEARCH_URL names may hold templates and data of others");
        await using var real = await servers.UsualAsync();
        await using var fake = await SearchServer.FakeAsync(ServerFlavour.OpenSearch2, hasStateManagement: false);
        var pairs = (await Exchanges.PlayAsync(real)).Zip(await Exchanges.PlayAsync(fake));
        string.Join('\n', pairs.Where(static pair => pair.First != pair.Second).Select(static pair => $"REAL {pair.First}FAKE {pair.Second}")).Should().BeEmpty();
    }

    [Theory]
    [InlineData("Elasticsearch", "7.17.6")]
    [InlineData("Elasticsearch", "8.17.0")]
    [InlineData("Elasticsearch", "9.1.0")]
    [InlineData("OpenSearch", "2.19.1")]
    public async Task Answers_are_those_of_the_golden_file(string product, string version)
    {
        await using var fake = await SearchServer.FakeAsync(ServerFlavour.All.Single(one => one.Product == product && one.Version == version), hasStateManagement: false);
        GoldenFile.Check($"Elasticsearch/{product.ToLowerInvariant()}-{version}.txt", string.Join('\n', await Exchanges.PlayAsync(fake)));
    }
}
