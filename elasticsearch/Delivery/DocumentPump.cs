using Microsoft.Extensions.Logging;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.DeadLetters;
using Monitoring.Elasticsearch.Documents;

namespace Monitoring.Elasticsearch.Delivery;

/// <summary>
/// Brings the documents of one source to the server until each is settled. One loop decides everything: requests under way only bring
/// back their outcome. It never ends for a fault.
/// </summary>
internal sealed partial class DocumentPump
{
    /// <summary>How often what was settled is made durable; after a sudden end so much comes again and is found to be there.</summary>
    private static readonly TimeSpan CommitInterval = TimeSpan.FromSeconds(1);

    private readonly IDocumentSource source;
    private readonly BulkRequest request;
    private readonly PumpSettings settings;
    private readonly RetryPauses pauses;
    private readonly TimeProvider time;
    private readonly PumpVoice voice;
    private readonly OutcomeLedger outcomes;
    private readonly StreamTally tally;
    private readonly DocumentWindow window;
    private readonly BatchLimit limit;
    private readonly long startedAt;
    private readonly List<Task<(IReadOnlyList<WaitingDocument> Batch, BulkOutcome Outcome)>> underWay = [];
    private readonly List<SourceDocument> read = [];
    private Task? sourceWait;
    private bool mayHaveMore = true;
    private TimeSpan readAgainAt;
    private int readFailures;
    private TimeSpan commitAt;

    internal DocumentPump(
        IDocumentSource source, BulkRequest request, DeadLetterFile letters, StreamTally tally, PumpSettings settings, RetryPauses pauses, TimeProvider time, ILogger logger)
    {
        (this.source, this.request, this.tally, this.settings, this.pauses, this.time) = (source, request, tally, settings, pauses, time);
        startedAt = time.GetTimestamp();
        window = new DocumentWindow(settings.WindowDocuments, settings.WindowBytes);
        limit = new BatchLimit(settings.MaxBatchBytes);
        voice = new PumpVoice(source.Name, time, logger);
        outcomes = new OutcomeLedger(source, window, limit, pauses, letters, tally, voice, time);
        tally.LimitBatches(limit.Bytes);
    }

    /// <summary>Documents that are read and not settled.</summary>
    internal int Unsettled => window.Documents;

    private TimeSpan Now => time.GetElapsedTime(startedAt);

    /// <summary>Sends until it is told to stop, and until requests under way have ended or are to be given up.</summary>
    /// <param name="stopping">Nothing is read or sent any more.</param>
    /// <param name="aborting">Requests under way are given up.</param>
    internal async Task RunAsync(CancellationToken stopping, CancellationToken aborting)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = stopping.Register(stopped.SetResult);
        while (!stopping.IsCancellationRequested || underWay.Count > 0)
        {
            try
            {
                Collect();
                if (!stopping.IsCancellationRequested)
                {
                    Read();
                    outcomes.Bury(Now);
                    Send(aborting);
                }
                CommitWhenDue();
                if (!IsReadable() || stopping.IsCancellationRequested) await WaitAsync(stopped.Task, stopping).ConfigureAwait(false);
            }
            catch (Exception fault)
            {
                voice.Fault(fault);
                await Task.Delay(pauses.Long, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        Commit();
    }

    /// <summary>Applies what came back.</summary>
    private void Collect()
    {
        for (var at = underWay.Count - 1; at >= 0; at--)
        {
            if (!underWay[at].IsCompleted) continue;
            var ended = underWay[at];
            underWay.RemoveAt(at);
            if (!ended.IsCompletedSuccessfully) continue; // given up at the end: its documents stay in the source
            outcomes.Apply(ended.Result.Batch, ended.Result.Outcome, Now);
            tally.LimitBatches(limit.Bytes);
        }
    }

    /// <summary>Reads what the next request can take.</summary>
    private void Read()
    {
        if (sourceWait is { IsCompleted: true } waited)
        {
            (sourceWait, mayHaveMore) = (null, true);
            if (waited.Exception is { } fault) ReadFails(fault.GetBaseException());
        }
        if (!IsReadable()) return;
        try
        {
            mayHaveMore = source.Read(read, Math.Min(window.Room, settings.MaxBatchDocuments), Math.Min(window.RoomBytes, limit.Bytes)) && read.Count > 0;
            readFailures = 0;
        }
        catch (Exception fault)
        {
            ReadFails(fault);
        }
        foreach (var document in read) outcomes.TakeIn(document, Now);
        read.Clear();
    }

    private void ReadFails(Exception fault)
    {
        readAgainAt = Now + pauses.After(readFailures++, null);
        voice.SourceFails(fault);
    }

    private bool IsReadable() => mayHaveMore && Now >= readAgainAt && window.Room > 0 && window.Fresh < settings.MaxBatchDocuments && window.FreshBytes < limit.Bytes;

    private void Send(CancellationToken aborting)
    {
        // While requests fail one is enough to find out whether they still do.
        var atOnce = outcomes.Failures > 0 ? 1 : settings.RequestsAtOnce;
        while (underWay.Count < atOnce && Now >= outcomes.PausedUntil && window.Take(Now, settings.MaxBatchDocuments, limit.Bytes, settings.MaxBatchAge) is { } batch)
        {
            tally.CountRequest();
            tally.CountRetried(batch.Count(static waiting => waiting.Attempts > 0));
            foreach (var waiting in batch) waiting.Attempts++;
            underWay.Add(SendAsync(batch, aborting));
        }
    }

    private async Task<(IReadOnlyList<WaitingDocument> Batch, BulkOutcome Outcome)> SendAsync(IReadOnlyList<WaitingDocument> batch, CancellationToken aborting)
    {
        try
        {
            return (batch, await request.SendAsync(batch, aborting).ConfigureAwait(false));
        }
        catch (Exception fault) when (!aborting.IsCancellationRequested)
        {
            return (batch, new BulkOutcome(RequestVerdict.Retry, null, "fault", $"the request ended in {fault.GetType().Name}: {fault.Message}", null));
        }
    }

    private void CommitWhenDue()
    {
        if (outcomes.IsUncommitted && Now >= commitAt) Commit();
    }

    private void Commit()
    {
        commitAt = Now + CommitInterval;
        if (!outcomes.IsUncommitted) return;
        try
        {
            outcomes.IsUncommitted = false;
            source.Commit();
        }
        catch (Exception fault)
        {
            outcomes.IsUncommitted = true;
            voice.CommitFails(fault);
        }
    }

    /// <summary>Waits for an answer, for documents, for what is due, or for the end.</summary>
    private async Task WaitAsync(Task stopped, CancellationToken stopping)
    {
        var events = new List<Task>(underWay);
        if (!stopping.IsCancellationRequested)
        {
            events.Add(stopped);
            if (!mayHaveMore) events.Add(sourceWait ??= source.WaitAsync(stopping).AsTask());
        }
        using var done = new CancellationTokenSource();
        if (!stopping.IsCancellationRequested && NextDue() is { } due)
        {
            if (due <= Now) return;
            // Timers count whole milliseconds, and one that fires too early would be set again and again.
            events.Add(Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling((due - Now).TotalMilliseconds)), time, done.Token));
        }
        await Task.WhenAny(events).ConfigureAwait(false);
        done.Cancel(); // not on another thread: nobody but the timer hears it
    }

    private TimeSpan? NextDue()
    {
        TimeSpan? due = outcomes.IsUncommitted ? commitAt : null;
        if (outcomes.BuryAt is { } bury) due = Earlier(due, bury);
        if (mayHaveMore && Now < readAgainAt) due = Earlier(due, readAgainAt);
        var atOnce = outcomes.Failures > 0 ? 1 : settings.RequestsAtOnce;
        if (underWay.Count < atOnce && window.NextDue(settings.MaxBatchDocuments, limit.Bytes, settings.MaxBatchAge) is { } send)
            due = Earlier(due, send > outcomes.PausedUntil ? send : outcomes.PausedUntil);
        return due;
    }

    private static TimeSpan Earlier(TimeSpan? one, TimeSpan other) => one is { } first && first < other ? first : other;
}
