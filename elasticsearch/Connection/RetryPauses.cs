namespace Monitoring.Elasticsearch.Connection;

/// <summary>Pauses that double with each failure up to a limit, scattered so that a thousand senders do not come back together.</summary>
/// <param name="shortest">The first pause.</param>
/// <param name="longest">The limit before scattering.</param>
/// <param name="random">Gives numbers from 0 to 1.</param>
internal sealed class RetryPauses(TimeSpan shortest, TimeSpan longest, Func<double> random)
{
    /// <summary>A server that asks for more is wrong or gone; it is asked again after this.</summary>
    private static readonly TimeSpan LongestAsked = TimeSpan.FromHours(1);

    /// <summary>2^30 of the shortest pause, 10 ms, is over any limit.</summary>
    private const int Doublings = 30;

    /// <summary>The pause for what is known to take long.</summary>
    internal TimeSpan Long => Scatter(longest > shortest ? longest : shortest);

    /// <summary>The pause after a failure.</summary>
    /// <param name="failures">Failures before this one.</param>
    /// <param name="asked">What the server asked for: never shorter than this.</param>
    internal TimeSpan After(int failures, TimeSpan? asked)
    {
        var factor = 1L << Math.Clamp(failures, 0, Doublings);
        var pause = shortest.Ticks > longest.Ticks / factor ? longest : shortest * factor;
        if (pause < shortest) pause = shortest;
        var scattered = Scatter(pause);
        return asked is { } least && least > scattered ? (least < LongestAsked ? least : LongestAsked) : scattered;
    }

    /// <summary>Up to half longer.</summary>
    private TimeSpan Scatter(TimeSpan pause) => pause * (1 + random() / 2);
}
