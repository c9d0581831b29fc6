using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.DeadLetters;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Elasticsearch.Delivery;

/// <summary>Does what answers ask for: settles, sets aside, and has sent again; keeps the pauses of one stream.</summary>
internal sealed class OutcomeLedger(
    IDocumentSource source, DocumentWindow window, BatchLimit limit, RetryPauses pauses, DeadLetterFile letters, StreamTally tally, PumpVoice voice, TimeProvider time)
{
    /// <summary>
    /// How long a document is tried whose index is closed to writing, or on which the server fails: life cycles close indices for minutes
    /// while they move them, and a mapping that breaks the server does so for ever.
    /// </summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <summary>A server that took others in this time does not fail on everything.</summary>
    private static readonly TimeSpan TookOthers = TimeSpan.FromMinutes(5);

    private readonly List<(WaitingDocument Waiting, int? Status, ServerError Error)> doomed = [];
    private TimeSpan lastStored = TimeSpan.MinValue;
    private int buryFailures;

    /// <summary>Requests that failed since the last one in which a document was stored.</summary>
    internal int Failures { get; private set; }

    /// <summary>Nothing is sent before.</summary>
    internal TimeSpan PausedUntil { get; private set; }

    /// <summary>When dead letters that could not be kept are tried again; null where there are none.</summary>
    internal TimeSpan? BuryAt { get; private set; }

    /// <summary>True when something was settled since the source was last told to make it durable.</summary>
    internal bool IsUncommitted { get; set; }

    /// <summary>A document was read.</summary>
    internal void TakeIn(SourceDocument document, TimeSpan now)
    {
        var history = (source as IKnowHistory)?.HistoryOf(document);
        var fault = DocumentFault.Of(document);
        var waiting = new WaitingDocument(document, history?.FirstSeen ?? time.GetUtcNow(), now, isSendable: fault is null) { EarlierAttempts = history?.Attempts ?? 0 };
        window.Add(waiting, isToBeSent: fault is null);
        if (fault is not null) Doom(waiting, null, fault, now);
    }

    /// <summary>Does what an outcome asks for.</summary>
    internal void Apply(IReadOnlyList<WaitingDocument> batch, BulkOutcome outcome, TimeSpan now)
    {
        if (outcome.Reason.Length > 0) tally.CountFailure(outcome.Reason);
        long bytes = batch.Sum(static waiting => (long)waiting.Bytes);
        switch (outcome.Verdict)
        {
            case RequestVerdict.Answered:
                ApplyItems(batch, outcome, bytes, now);
                return;
            case RequestVerdict.TooLarge or RequestVerdict.Malformed when batch.Count == 1:
                Doom(batch[0], outcome.Status, new ServerError(outcome.Verdict == RequestVerdict.TooLarge ? "too_large" : "malformed", outcome.Words), now);
                return;
            case RequestVerdict.TooLarge:
                limit.Refuse(bytes, now);
                foreach (var waiting in batch) window.Retry(waiting, now);
                return;
            case RequestVerdict.Malformed:
                window.Suspect(batch);
                return;
            case RequestVerdict.Busy or RequestVerdict.RetrySmaller when batch.Count > 1:
                limit.Shrink(bytes);
                break;
        }
        foreach (var waiting in batch)
        {
            // Alone in a request that breaks off: something between may close on its size or what it says, instead of answering.
            if (outcome.Verdict == RequestVerdict.RetrySmaller && batch.Count == 1 && IsHopeless(waiting, now)) Doom(waiting, null, new ServerError(outcome.Reason, outcome.Words), now);
            else window.Retry(waiting, now);
        }
        var isLong = outcome.Verdict is RequestVerdict.NotAllowed or RequestVerdict.Blocked or RequestVerdict.NoServer;
        Pause(isLong, outcome, now);
        voice.Fails(outcome.Verdict, outcome.Words);
        tally.Fails(outcome.Words);
    }

    /// <summary>Keeps dead letters, and settles their documents then.</summary>
    internal void Bury(TimeSpan now)
    {
        if (BuryAt is not { } due || due > now) return;
        try
        {
            var givenUp = letters.Keep([.. doomed.Select(static doom => new DeadLetter(
                doom.Waiting.Document, doom.Status, doom.Error, doom.Waiting.FirstSeen, doom.Waiting.EarlierAttempts + doom.Waiting.Attempts))]);
            if (givenUp > 0) tally.CountDropped("dead_letters_full", givenUp);
            tally.CountDeadLetters(doomed.Count);
            voice.DeadLetters(doomed.Count, doomed[0].Waiting.Document, doomed[0].Error.ToString(), letters.FilePath);
            foreach (var (waiting, _, _) in doomed) Settle(waiting);
            doomed.Clear();
            (BuryAt, buryFailures) = (null, 0);
        }
        catch (Exception fault)
        {
            BuryAt = now + pauses.After(buryFailures++, null);
            voice.DeadLettersFail(letters.FilePath, fault.Message);
        }
    }

    private void ApplyItems(IReadOnlyList<WaitingDocument> batch, BulkOutcome outcome, long bytes, TimeSpan now)
    {
        var round = new Round(outcome.RetryAfter, pauses);
        for (var at = 0; at < batch.Count; at++)
        {
            var item = outcome.Items is { } items ? items[at] : new BulkItem(200, false, null);
            var verdict = ItemVerdicts.Of(item);
            round.Count(verdict, item);
            ApplyItem(batch[at], item, verdict, round, now);
        }
        tally.CountSent(round.Stored);
        tally.CountDuplicates(round.Duplicates);
        tally.CountFailureStore(round.InFailureStore);
        if (round.Busy > 0 && batch.Count > 1) limit.Shrink(bytes);
        else if (round.Busy == 0) limit.Grow(bytes, now);
        if (round.Done > 0)
        {
            tally.Succeeded(time.GetUtcNow());
            lastStored = now;
            Failures = 0;
            if (round.Worst is null) voice.Succeeds();
            if (round.Worst is null) tally.Works();
        }
        else
        {
            // The server takes nothing: what was not tried yet would fare no better.
            Pause(round.Worst is RequestVerdict.Blocked, outcome, now);
        }
        if (round.Worst is not { } worst) return;
        voice.Fails(worst, round.Words);
        tally.Fails(round.Words);
    }

    private void ApplyItem(WaitingDocument waiting, BulkItem item, ItemVerdict verdict, Round round, TimeSpan now)
    {
        switch (verdict)
        {
            case ItemVerdict.Stored or ItemVerdict.FailureStore or ItemVerdict.Duplicate:
                Settle(waiting);
                return;
            case ItemVerdict.Refused:
                Doom(waiting, item.Status, Error(item), now);
                return;
            case ItemVerdict.IndexBlocked or ItemVerdict.Failing:
                if (IsHopeless(waiting, now, needsOthers: verdict == ItemVerdict.Failing)) Doom(waiting, item.Status, Error(item), now);
                else window.Retry(waiting, now + (verdict == ItemVerdict.IndexBlocked ? round.Long : round.After(waiting.Attempts)));
                return;
            default:
                waiting.FailingSince = null;
                window.Retry(waiting, now + (verdict == ItemVerdict.Blocked ? round.Long : round.After(waiting.Attempts)));
                return;
        }
    }

    /// <summary>Whether a document has failed by itself for long enough; counts from the first call.</summary>
    /// <param name="waiting">The document.</param>
    /// <param name="now">The time.</param>
    /// <param name="needsOthers">Whether others must have been stored meanwhile, so that it is the document and not the server.</param>
    private bool IsHopeless(WaitingDocument waiting, TimeSpan now, bool needsOthers = true)
    {
        waiting.FailingSince ??= now;
        return now - waiting.FailingSince > Patience && (!needsOthers || now - TookOthers < lastStored);
    }

    private static ServerError Error(BulkItem item) => item.Error ?? new ServerError("error", $"status {item.Status} without a reason");

    private void Pause(bool isLong, BulkOutcome outcome, TimeSpan now)
    {
        var pause = pauses.After(Failures++, outcome.RetryAfter);
        if (isLong && pauses.Long is var longer && longer > pause) pause = longer;
        PausedUntil = now + pause;
    }

    private void Doom(WaitingDocument waiting, int? status, ServerError error, TimeSpan now)
    {
        doomed.Add((waiting, status, error));
        BuryAt ??= now;
    }

    private void Settle(WaitingDocument waiting)
    {
        window.Remove(waiting);
        try
        {
            source.Settle(waiting.Document);
        }
        catch (Exception fault)
        {
            voice.SourceFails(fault); // it comes again after a restart, and is found to be stored
        }
        IsUncommitted = true;
    }
}
