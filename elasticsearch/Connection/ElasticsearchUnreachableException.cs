namespace Monitoring.Elasticsearch.Connection;

/// <summary>No node answered; whether one of them did what was asked may not be known.</summary>
/// <param name="message">Each node with what happened there.</param>
/// <param name="reason">One word for metrics: <c>unreachable</c>, <c>timeout</c>, <c>broken</c>.</param>
/// <param name="inner">What happened at the last node.</param>
public sealed class ElasticsearchUnreachableException(string message, string reason, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>One word for metrics.</summary>
    public string Reason { get; } = reason;
}
