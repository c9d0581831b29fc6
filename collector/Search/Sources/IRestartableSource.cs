using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Collector.Search.Sources;

/// <summary>A source that can give everything again that is still kept, for a server that has nothing of it.</summary>
internal interface IRestartableSource : IDocumentSource
{
    /// <summary>Forgets what was delivered; called while no delivery uses the source, or before it has read from it.</summary>
    /// <exception cref="IOException">What was delivered cannot be forgotten.</exception>
    void Restart();
}
