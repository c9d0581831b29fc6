using System.Globalization;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture;

/// <summary>Bundles on their way to the collector.</summary>
internal sealed partial class CaptureService
{
    /// <inheritdoc/>
    IReadOnlyList<FinishedBundle> ICaptureOutbox.Waiting() =>
    [
        .. from capture in book.All()
           where capture.Bundle is { State: BundleState.Waiting }
           orderby capture.Bundle!.FinishedAt
           select new FinishedBundle(capture.Request.Id, parts.Disk.BundleOf(capture.Request.Id), capture.Bundle!.SizeBytes, capture.Bundle.FinishedAt),
    ];

    /// <inheritdoc/>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        Task arrived;
        // Taken before looking, so that one which comes in between is not missed.
        lock (gate) arrived = bundleArrived.Task;
        return book.All().Any(static capture => capture.Bundle is { State: BundleState.Waiting }) ? Task.CompletedTask : arrived.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public IDisposable? Hold(string id) => parts.Room.Hold(id);

    /// <inheritdoc/>
    public void Report(string id, double fraction)
    {
        if (book.Find(id) is { Bundle.State: BundleState.Waiting } capture)
            book.Tell(capture.Request, CaptureStage.Uploading, string.Create(CultureInfo.InvariantCulture, $"uploading {Math.Clamp(fraction, 0, 1) * 100:0} %"), Math.Clamp(fraction, 0, 1));
    }

    /// <inheritdoc/>
    public void Taken(string id)
    {
        var isThere = book.Settle(id, capture => (settings.KeepUploaded ? capture.Bundle! with { State = BundleState.Sent } : null, capture.Bundle!.Result, capture.Bundle.Words));
        // First noted, then removed: what is left over by a sudden end in between is removed at the next start.
        book.Flush();
        if (!isThere || settings.KeepUploaded) return;
        try
        {
            parts.Disk.RemoveBundle(id);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogNotRemoved(id, fault.Message);
        }
    }

    /// <inheritdoc/>
    public void Refused(string id, string why)
    {
        book.Settle(id, capture => (capture.Bundle! with { State = BundleState.Refused }, CaptureStage.Failed, $"the collector refused the bundle, which stays on the node: {why}"));
        book.Flush();
    }
}
