namespace Monitoring.Elasticsearch.Delivery;

/// <summary>A source that goes on while some of what it keeps cannot be read, and says so.</summary>
public interface ISourceTrouble
{
    /// <summary>What cannot be read now, in words; null for nothing.</summary>
    string? Trouble { get; }
}
