using System.Net;

namespace Monitoring.Agent.Shipping.Uploads;

/// <summary>A part of a file as the body of a request, sent no faster than the throttle lets it.</summary>
internal sealed class UploadContent(Stream file, long length, UploadThrottle throttle, Action<int> sent) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var buffer = new byte[(int)Math.Min(length, throttle.StepBytes)];
        for (var left = length; left > 0;)
        {
            var count = await file.ReadAtLeastAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), 1, throwOnEndOfStream: true, cancellationToken).ConfigureAwait(false);
            await throttle.TakeAsync(count, cancellationToken).ConfigureAwait(false);
            await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            left -= count;
            sent(count);
        }
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }
}
