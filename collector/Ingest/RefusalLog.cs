using System.Net;
using Monitoring.Collector.Series;

namespace Monitoring.Collector.Ingest;

/// <summary>Logs refused pushes, each reason at most once a minute: a thousand misconfigured senders must not fill the disk.</summary>
internal sealed partial class RefusalLog(TimeProvider time, ILogger<RefusalLog> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly (long? LoggedAt, long Unsaid)[] states = new (long? LoggedAt, long Unsaid)[Enum.GetValues<PushRejection>().Length];

    /// <summary>Notes a refusal.</summary>
    public void Note(PushRefusal refusal, IPAddress? sender)
    {
        long unsaid;
        lock (gate)
        {
            ref var state = ref states[(int)refusal.Reason];
            if (state.LoggedAt is { } loggedAt && time.GetElapsedTime(loggedAt) < Pause)
            {
                state.Unsaid++;
                return;
            }

            unsaid = state.Unsaid;
            state = (time.GetTimestamp(), 0);
        }

        LogRefused(refusal.Reason.Label(), sender, refusal.Message, unsaid);
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Warning,
        Message = "A push was refused ({Reason}) from {Sender}: {Explanation}. {Unsaid} more since the last line of this reason.")]
    private partial void LogRefused(string reason, IPAddress? sender, string explanation, long unsaid);
}
