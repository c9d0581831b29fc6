namespace Monitoring.Agent.Shipping.Uploads;

/// <summary>Holds a sender to a rate: it may send what the time since has earned, in steps of at most a quarter second.</summary>
/// <param name="bytesPerSecond">The rate.</param>
internal sealed class UploadThrottle(long bytesPerSecond, TimeProvider time)
{
    private const int StepsPerSecond = 4;

    private double allowance;
    private long? lastTimestamp;

    /// <summary>Bytes that may be sent in one step.</summary>
    internal int StepBytes { get; } = (int)Math.Clamp(bytesPerSecond / StepsPerSecond, 1, 1 << 20);

    /// <summary>Returns when so many bytes, at most a step, may be sent.</summary>
    internal async ValueTask TakeAsync(int bytes, CancellationToken cancellationToken)
    {
        Earn();
        allowance -= bytes;
        if (allowance >= 0) return;
        await Task.Delay(TimeSpan.FromSeconds(-allowance / bytesPerSecond), time, cancellationToken).ConfigureAwait(false);
    }

    private void Earn()
    {
        var now = time.GetTimestamp();
        // What was not used in a pause is not made up for.
        allowance = Math.Min(StepBytes, allowance + (lastTimestamp is { } last ? time.GetElapsedTime(last, now).TotalSeconds * bytesPerSecond : StepBytes));
        lastTimestamp = now;
    }
}
