using Xunit;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>
/// The real server that tests share, started when the first asks for it: OpenSearch of <c>../shared</c>, or what the variable
/// <c>ELASTICSEARCH_URL</c> names. Tests of this collection run one after another.
/// </summary>
public sealed class RealServers : IAsyncLifetime
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private SearchServer? _usual;
    private SearchServer? _narrow;

    /// <summary>The server that <c>ELASTICSEARCH_URL</c> names; null where it names none.</summary>
    internal static Uri? Named { get; } = Environment.GetEnvironmentVariable("ELASTICSEARCH_URL") is { Length: > 0 } text ? new Uri(text) : null;

    /// <summary>The server with its defaults; each caller gets a front of its own.</summary>
    internal async Task<SearchServer> UsualAsync()
    {
        await _one.WaitAsync();
        try
        {
            _usual ??= Named is not null ? await SearchServer.OverAsync(Named) : await SearchServer.RealAsync();
        }
        finally
        {
            _one.Release();
        }

        return await _usual.WithFrontOfItsOwnAsync();
    }

    /// <summary>A server that takes 1 MB at once, has one thread that writes, and room for one more before it (without any it rejects everything: a request that waits for its shard holds the thread).</summary>
    internal async Task<SearchServer> NarrowAsync()
    {
        Requirement.That(Named is null, "the server that ELASTICSEARCH_URL names cannot be started with other settings");
        await _one.WaitAsync();
        try
        {
            _narrow ??= await SearchServer.RealAsync("http.max_content_length: 1mb", "thread_pool.write.size: 1", "thread_pool.write.queue_size: 1");
        }
        finally
        {
            _one.Release();
        }

        return await _narrow.WithFrontOfItsOwnAsync();
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_usual is not null) await _usual.DisposeAsync();
        if (_narrow is not null) await _narrow.DisposeAsync();
        _one.Dispose();
    }
}

/// <summary>Tests that share the real server; they run beside those of other collections.</summary>
[CollectionDefinition(nameof(RealServers))]
public sealed class RealServersDefinition : ICollectionFixture<RealServers>;
