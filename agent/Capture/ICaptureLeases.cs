using Monitoring.Contracts.Commands;

namespace Monitoring.Agent.Capture;

/// <summary>Asks whether the cluster's budget has room for a capture that a rule wants.</summary>
internal interface ICaptureLeases
{
    /// <summary>Asks, within a time of its own that is far below a minute. Never throws but for cancellation.</summary>
    /// <returns>Null where nobody answers; <see cref="CaptureSettings.WithoutCollector"/> says what that means.</returns>
    Task<CaptureLeaseAnswer?> AskAsync(CaptureLeaseRequest request, CancellationToken cancellationToken);
}

/// <summary>An agent without a collector has no budget but its own.</summary>
internal sealed class NoFleetBudget : ICaptureLeases
{
    /// <inheritdoc/>
    public Task<CaptureLeaseAnswer?> AskAsync(CaptureLeaseRequest request, CancellationToken cancellationToken) => Task.FromResult<CaptureLeaseAnswer?>(new CaptureLeaseAnswer(Granted: true));
}
