using Monitoring.Contracts.Captures;

namespace Monitoring.Collector.Captures;

/// <summary>What is known of a capture.</summary>
/// <param name="Request">Who asked for what; null where the collector was not asked and the bundle has not come.</param>
/// <param name="Progress">Where it stands by the node's last word; null where the node said nothing yet.</param>
/// <param name="Manifest">What the bundle says of itself, command lines and environments left out; null until the bundle is here.</param>
/// <param name="IsPinned">True where retention keeps it.</param>
/// <param name="SizeBytes">Size of the bundle; 0 until it is here.</param>
/// <param name="KeptAt">When the bundle came; null until it is here.</param>
internal sealed record CaptureRecord(
    CaptureRequest? Request, CaptureProgress? Progress, CaptureManifest? Manifest, bool IsPinned, long SizeBytes = 0, DateTimeOffset? KeptAt = null)
{
    /// <summary>Id of the capture.</summary>
    public string Id => Manifest?.Request.Id ?? Request?.Id ?? Progress?.Id ?? "";

    /// <summary>The node that takes it.</summary>
    public string Node => Manifest?.Node ?? Progress?.Node ?? Request?.Target.Node ?? "";

    /// <summary>Where it stands: what the bundle says once it is here, for the node's last word may have been lost.</summary>
    public CaptureStage Stage => Manifest?.Result ?? Progress?.Stage ?? CaptureStage.Requested;

    /// <summary>True where nothing more will happen.</summary>
    public bool IsOver => Manifest is not null || Progress is { IsOver: true };
}
