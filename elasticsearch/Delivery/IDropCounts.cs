namespace Monitoring.Elasticsearch.Delivery;

/// <summary>A source that may have to drop documents before they are read, such as a spool that is full.</summary>
public interface IDropCounts
{
    /// <summary>Documents that were dropped, by reason; those that can occur are there at 0.</summary>
    IEnumerable<KeyValuePair<string, long>> Dropped { get; }
}
