using Monitoring.Contracts.Commands;

namespace Monitoring.Collector.Commands;

/// <summary>A wish that was answered.</summary>
/// <param name="Digest">Of what it said; empty for the collector's own.</param>
/// <param name="MadeAt">When.</param>
/// <param name="Answer">What was answered.</param>
internal sealed record PlacedOrder(string Digest, DateTimeOffset MadeAt, CaptureOrderAnswer Answer);
