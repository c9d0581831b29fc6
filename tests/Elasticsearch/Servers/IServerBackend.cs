namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>What answers behind <see cref="FaultyFront"/>: the fake, or a real server.</summary>
internal interface IServerBackend : IAsyncDisposable
{
    /// <summary>Which product it is.</summary>
    ServerFlavour Flavour { get; }

    /// <summary>Answers a request.</summary>
    Task<ServerAnswer> AnswerAsync(ServerRequest request, CancellationToken cancellationToken);

    /// <summary>Every document of the indices that a pattern names, by index and id.</summary>
    IAsyncEnumerable<StoredDocument> ReadAllAsync(string pattern);
}
