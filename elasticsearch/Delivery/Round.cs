using Monitoring.Elasticsearch.Connection;

namespace Monitoring.Elasticsearch.Delivery;

/// <summary>The answers of one request: how many of what, and one pause for all that are tried again alike, so that they go together again.</summary>
internal sealed class Round(TimeSpan? asked, RetryPauses pauses)
{
    private readonly Dictionary<int, TimeSpan> after = [];
    private TimeSpan? longPause;

    internal int Stored { get; private set; }

    internal int Duplicates { get; private set; }

    internal int InFailureStore { get; private set; }

    internal int Busy { get; private set; }

    /// <summary>Documents about which the server has said its last word.</summary>
    internal int Done { get; private set; }

    /// <summary>What is worst among the answers that are to be told to a person; null for none.</summary>
    internal RequestVerdict? Worst { get; private set; }

    /// <summary>What the server says about it.</summary>
    internal string Words { get; private set; } = "";

    /// <summary>The long pause, never shorter than what the server asked for.</summary>
    internal TimeSpan Long => longPause ??= asked is { } least && least > pauses.Long ? pauses.After(0, least) : pauses.Long;

    /// <summary>The pause of a document.</summary>
    /// <param name="attempts">Requests that it was in, this one included.</param>
    internal TimeSpan After(int attempts)
    {
        if (!after.TryGetValue(attempts, out var pause)) after[attempts] = pause = pauses.After(attempts - 1, asked);
        return pause;
    }

    internal void Count(ItemVerdict verdict, BulkItem item)
    {
        switch (verdict)
        {
            case ItemVerdict.Stored:
                Stored++;
                Done++;
                return;
            case ItemVerdict.FailureStore:
                InFailureStore++;
                Done++;
                return;
            case ItemVerdict.Duplicate:
                Duplicates++;
                Done++;
                return;
            case ItemVerdict.Refused:
                Done++;
                return;
            case ItemVerdict.Busy:
                Busy++;
                break;
        }
        var told = verdict switch
        {
            ItemVerdict.Blocked or ItemVerdict.IndexBlocked => RequestVerdict.Blocked,
            ItemVerdict.Busy => RequestVerdict.Busy,
            _ => RequestVerdict.Retry,
        };
        if (Worst is { } worst && worst >= told) return;
        Worst = told;
        Words = $"status {item.Status} {item.Error}".TrimEnd();
    }
}
