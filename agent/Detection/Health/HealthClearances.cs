using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Monitoring.Agent.Detection.Health;

/// <summary>A person's wish to clear reasons.</summary>
/// <param name="Gpu">Index, UUID or PCI address of the GPU; <c>node</c> for the node as a whole.</param>
/// <param name="Component">The component; empty for all of them.</param>
/// <param name="Who">The person.</param>
/// <param name="Why">For the record.</param>
internal sealed record ClearRequest(string Gpu = "", string Component = "", string Who = "", string Why = "");

/// <summary>What became of a wish.</summary>
/// <param name="Error">Why nothing was done; null where it was.</param>
/// <param name="Cleared">Reasons that are gone.</param>
/// <param name="Kept">Reasons whose condition still holds: they go when it ends.</param>
/// <param name="EventId">The event that tells of it; null where there was nothing to clear.</param>
internal sealed record ClearOutcome(string? Error, IReadOnlyList<HealthReason> Cleared, IReadOnlyList<HealthReason> Kept, string? EventId);

/// <summary>The way of such wishes to the thread that owns health. Bounded: a wish that finds it full is refused at once.</summary>
internal sealed class HealthClearances
{
    private readonly Channel<ClearWish> wishes = Channel.CreateBounded<ClearWish>(new BoundedChannelOptions(8) { SingleReader = true });

    /// <summary>Asks; null where too many wait already.</summary>
    internal Task<ClearOutcome>? Ask(ClearRequest request)
    {
        var wish = new ClearWish(request);
        return wishes.Writer.TryWrite(wish) ? wish.Outcome : null;
    }

    internal bool TryTake([NotNullWhen(true)] out ClearWish? wish) => wishes.Reader.TryRead(out wish);
}

/// <summary>A wish that waits for its answer.</summary>
internal sealed class ClearWish(ClearRequest request)
{
    private readonly TaskCompletionSource<ClearOutcome> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal ClearRequest Request => request;

    internal Task<ClearOutcome> Outcome => outcome.Task;

    internal void Answer(ClearOutcome answer) => outcome.TrySetResult(answer);
}
