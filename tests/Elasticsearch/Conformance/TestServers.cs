using Monitoring.Tests.Elasticsearch.Servers;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Conformance;

/// <summary>The servers that every test of the suite runs against.</summary>
internal static class TestServers
{
    internal const string Real = "the real server";

    /// <summary>The fake as every product, and the real server.</summary>
    public static TheoryData<string> All { get; } = [.. ServerFlavour.All.Select(static flavour => flavour.ToString()), Real];

    internal static async Task<SearchServer> StartAsync(this RealServers servers, string name) =>
        name == Real ? await servers.UsualAsync() : await SearchServer.FakeAsync(ServerFlavour.All.Single(flavour => flavour.ToString() == name));

    /// <summary>One that takes 1 MB at once; the real one rejects much, too.</summary>
    internal static async Task<SearchServer> StartNarrowAsync(this RealServers servers, string name)
    {
        if (name == Real) return await servers.NarrowAsync();
        var server = await servers.StartAsync(name);
        server.Front.MaxContentLength = 1 << 20;
        return server;
    }
}
