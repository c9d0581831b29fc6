using System.Net;

namespace Monitoring.Tests.Collector.Captures.Uploads;

/// <summary>A body of which the first bytes are sent at once and the rest never.</summary>
internal sealed class PausingContent(byte[] bytes, int pauseAt) : HttpContent
{
    private readonly TaskCompletionSource paused = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the first bytes were sent.</summary>
    internal Task Paused => paused.Task;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(bytes.AsMemory(0, pauseAt), cancellationToken);
        await stream.FlushAsync(cancellationToken);
        paused.TrySetResult();
        await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = bytes.Length;
        return true;
    }
}
