using Monitoring.Contracts.Captures;

namespace Monitoring.Collector.Captures;

/// <summary>What is known of captures, from the wish to the bundle; what was told here outlives the process.</summary>
internal interface ICaptureRecords
{
    /// <summary>A capture is wanted; the same one told again changes nothing.</summary>
    void Requested(CaptureRequest request);

    /// <summary>A node says where a capture stands; of several words the newest by sequence holds.</summary>
    void Progressed(CaptureProgress progress);

    /// <summary>What is known of a capture; null where nothing is.</summary>
    CaptureRecord? Find(string id);
}
