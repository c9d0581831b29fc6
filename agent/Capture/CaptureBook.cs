using Monitoring.Agent.Detection;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture;

/// <summary>
/// Where every capture stands. Changing it is a matter of memory and may be done on any thread; <see cref="Flush"/> puts it on disk and
/// then tells of it, in that order, so that nobody was told of what a sudden end undoes.
/// </summary>
internal sealed partial class CaptureBook(CaptureDisk disk, NodeIdentity identity, IEventJournal journal, IReadOnlyList<ICaptureListener> listeners, TimeProvider time, ILogger<CaptureBook> logger)
{
    /// <summary>Captures that are remembered: many times what a day brings, and some hundred kilobytes on disk.</summary>
    internal const int KnownAtMost = 512;

    // A cooldown for each rule and GPU of a large node.
    private const int StampsAtMost = 4096;

    private readonly Lock gate = new(); // guards what follows
    private readonly List<CaptureRequest> queue = [];
    private readonly List<InFlightCapture> inFlight = [];
    private readonly Dictionary<string, KnownCapture> known = new(StringComparer.Ordinal);
    private readonly List<string> order = []; // ids of known, oldest first
    private readonly Dictionary<string, DateTimeOffset> stamps = new(StringComparer.Ordinal);
    private readonly List<DateTimeOffset> taken = [];
    private readonly Dictionary<string, CaptureCharge> charges = new(StringComparer.Ordinal); // of what was not begun yet
    private readonly Dictionary<string, DateTimeOffset> refusals = new(StringComparer.Ordinal); // by the keys of stamps; not worth keeping over a restart
    private readonly List<(KnownCapture Capture, bool IsStageNew)> untold = [];
    private bool isDirty;

    private readonly Lock saving = new(); // one flush at a time
    private bool isFailing;

    /// <summary>Called when something waits to be flushed.</summary>
    internal Action? Changed { get; set; }

    /// <summary>Takes up what was saved.</summary>
    internal void Restore(CaptureLedger ledger)
    {
        lock (gate)
        {
            queue.AddRange(ledger.Queue);
            inFlight.AddRange(ledger.InFlight);
            foreach (var capture in ledger.Known)
                if (known.TryAdd(capture.Request.Id, capture)) order.Add(capture.Request.Id);
            foreach (var (key, stamp) in ledger.Stamps) stamps[key] = stamp;
            taken.AddRange(ledger.Taken);
            foreach (var (id, charge) in ledger.Charges ?? new Dictionary<string, CaptureCharge>())
                if (known.TryGetValue(id, out var capture) && !capture.Progress.IsOver) charges[id] = charge;
        }
    }

    /// <summary>What is known of a capture.</summary>
    internal KnownCapture? Find(string id)
    {
        lock (gate) return known.GetValueOrDefault(id);
    }

    /// <summary>Everything that is known, oldest first.</summary>
    internal IReadOnlyList<KnownCapture> All()
    {
        lock (gate) return [.. order.Select(id => known[id])];
    }

    /// <summary>What waits.</summary>
    internal IReadOnlyList<CaptureRequest> Queue()
    {
        lock (gate) return [.. queue];
    }

    /// <summary>What was begun.</summary>
    internal IReadOnlyList<InFlightCapture> InFlight()
    {
        lock (gate) return [.. inFlight];
    }

    /// <summary>Lets a policy decide on a request and queues it, in one step.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="policy">Gets what it decides by; says why not.</param>
    /// <param name="keys">Stamps to set.</param>
    /// <param name="counts">True where it counts against the hour's budget.</param>
    /// <returns>Why not; null where it is queued, or was known already.</returns>
    internal CaptureRefused? Admit(CaptureRequest request, Func<CaptureLoad, CaptureRefused?> policy, IReadOnlyList<string> keys, bool counts)
    {
        CaptureRefused? refused = null;
        lock (gate)
        {
            if (known.ContainsKey(request.Id)) return null;
            var now = time.GetUtcNow();
            taken.RemoveAll(at => now - at >= TimeSpan.FromHours(1));
            refused = policy(new CaptureLoad(queue.Count, stamps, taken, refusals));
            if (refused is not null) Set(request, CaptureStage.Refused, refused.ToString(), refusal: refused.Refusal);
            else Queue(request, keys, counts, now);
        }
        Changed?.Invoke();
        return refused;
    }

    /// <summary>Takes the next capture whose time has come out of the queue.</summary>
    /// <param name="soon">Start times up to then have come.</param>
    internal CaptureRequest? TakeNext(DateTimeOffset soon)
    {
        lock (gate)
        {
            var place = queue.FindIndex(request => request.StartAt is not { } start || start <= soon);
            if (place < 0) return null;
            var next = queue[place];
            queue.RemoveAt(place);
            inFlight.Add(new InFlightCapture(next));
            isDirty = true;
            return next;
        }
    }

    /// <summary>Takes a capture out of the queue; false where it is not there.</summary>
    internal bool Unqueue(string id)
    {
        lock (gate)
        {
            var isThere = queue.RemoveAll(request => request.Id == id) > 0;
            isDirty |= isThere;
            return isThere;
        }
    }

    /// <summary>Puts one that was taken and not begun back to the head of the queue.</summary>
    internal void Requeue(string id)
    {
        lock (gate)
        {
            if (inFlight.Find(one => one.Request.Id == id) is not { } back) return;
            inFlight.Remove(back);
            queue.Insert(0, back.Request);
            isDirty = true;
        }
    }

    /// <summary>A capture that was accepted is not taken after all: it says why, and its cooldown and its place in the hour are given back.</summary>
    internal void Refuse(CaptureRequest request, CaptureRefused refused)
    {
        lock (gate)
        {
            inFlight.RemoveAll(one => one.Request.Id == request.Id);
            if (charges.Remove(request.Id, out var charge)) GiveBack(charge);
            Set(request, CaptureStage.Refused, refused.ToString(), refusal: refused.Refusal);
        }
        Changed?.Invoke();
    }

    /// <summary>Notes what was recorded of captures, all of them in one step.</summary>
    internal void Recorded(params IReadOnlyList<(CaptureRequest Request, RecordedCapture Recorded)> recorded)
    {
        lock (gate)
        {
            foreach (var (request, what) in recorded)
            {
                inFlight.RemoveAll(one => one.Request.Id == request.Id);
                inFlight.Add(new InFlightCapture(request, what));
                Set(request, CaptureStage.Exporting, "exporting", profilers: [.. what.Outcomes.Select(static outcome => outcome.Run.Profiler)]);
            }
        }
        Changed?.Invoke();
    }

    /// <summary>A capture is begun no more; says where it stands now.</summary>
    internal void End(CaptureRequest request, CaptureStage stage, string words, StoredBundle? bundle = null, IReadOnlyDictionary<string, string>? results = null)
    {
        lock (gate)
        {
            inFlight.RemoveAll(one => one.Request.Id == request.Id);
            Set(request, stage, words, bundle: bundle, results: results);
        }
        Changed?.Invoke();
    }

    /// <summary>Says where a capture stands; one that is over stays so.</summary>
    internal void Tell(CaptureRequest request, CaptureStage stage, string words, double? fraction = null, IReadOnlyList<string>? profilers = null)
    {
        lock (gate)
        {
            if (known.TryGetValue(request.Id, out var before) && before.Progress.IsOver) return;
            Set(request, stage, words, fraction, profilers: profilers);
        }
        Changed?.Invoke();
    }

    /// <summary>Changes what is known of a bundle, and where its capture stands.</summary>
    internal bool Settle(string id, Func<KnownCapture, (StoredBundle? Bundle, CaptureStage Stage, string Words)> change)
    {
        lock (gate)
        {
            if (!known.TryGetValue(id, out var capture) || capture.Bundle is null) return false;
            var (bundle, stage, words) = change(capture);
            known[id] = capture with { Bundle = bundle };
            isDirty = true;
            if (stage != capture.Progress.Stage) Set(capture.Request, stage, words, bundle: bundle, results: capture.Results);
        }
        Changed?.Invoke();
        return true;
    }

    /// <summary>Puts what is new on disk, then into the journal and to the listeners.</summary>
    internal void Flush()
    {
        lock (saving)
        {
            (KnownCapture Capture, bool IsStageNew)[] told;
            CaptureLedger? ledger;
            lock (gate)
            {
                told = [.. untold];
                untold.Clear();
                ledger = isDirty ? new CaptureLedger([.. queue], [.. inFlight], [.. order.Select(id => known[id])], new Dictionary<string, DateTimeOffset>(stamps), [.. taken], new Dictionary<string, CaptureCharge>(charges)) : null;
                isDirty = false;
            }
            if (ledger is not null && disk.Root.Length > 0) Save(ledger);
            foreach (var (capture, isStageNew) in told)
            {
                if (isStageNew) journal.Append(CaptureEvents.Of(capture, identity));
                foreach (var listener in listeners) listener.Progressed(capture.Progress, isStageNew);
            }
        }
    }

    private void Queue(CaptureRequest request, IReadOnlyList<string> keys, bool counts, DateTimeOffset now)
    {
        queue.Add(request);
        Trim(stamps, keys.Count);
        if (keys.Count > 0 || counts) charges[request.Id] = new CaptureCharge(now, keys.Distinct().ToDictionary(static key => key, key => stamps.TryGetValue(key, out var before) ? before : (DateTimeOffset?)null), counts);
        foreach (var key in keys) stamps[key] = now;
        if (counts) taken.Add(now);
        Set(request, CaptureStage.Queued, "queued");
    }

    private void GiveBack(CaptureCharge charge)
    {
        if (charge.Counts) taken.Remove(charge.At);
        Trim(refusals, charge.Before.Count);
        foreach (var (key, before) in charge.Before)
        {
            refusals[key] = time.GetUtcNow();
            // A later one may have its own by now.
            if (!stamps.TryGetValue(key, out var stamp) || stamp != charge.At) continue;
            if (before is { } earlier) stamps[key] = earlier;
            else stamps.Remove(key);
        }
    }

    private static void Trim(Dictionary<string, DateTimeOffset> kept, int more)
    {
        if (kept.Count + more <= StampsAtMost) return;
        foreach (var (old, _) in kept.OrderBy(static stamp => stamp.Value).Take(more + StampsAtMost / 10).ToArray()) kept.Remove(old);
    }

    private void Save(CaptureLedger ledger)
    {
        try
        {
            disk.Write(CaptureLedger.FileName, ledger.Write());
            isFailing = false;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            lock (gate) isDirty = true;
            if (!isFailing) LogNotSaved(disk.Root, fault.Message);
            isFailing = true;
        }
    }

    private void Set(CaptureRequest request, CaptureStage stage, string words, double? fraction = null, CaptureRefusal? refusal = null, IReadOnlyList<string>? profilers = null, StoredBundle? bundle = null,
        IReadOnlyDictionary<string, string>? results = null)
    {
        var before = known.GetValueOrDefault(request.Id);
        var isNew = before is null || before.Progress.Stage != stage;
        var now = time.GetUtcNow();
        // Rises over a restart too, without a number that would have to be kept.
        var sequence = Math.Max((before?.Progress.Sequence ?? 0) + 1, now.ToUnixTimeMilliseconds());
        var capture = new KnownCapture(request, new CaptureProgress(request.Id, identity.Node, sequence, now, stage, words, fraction, refusal, profilers ?? before?.Progress.Profilers), bundle ?? before?.Bundle, results ?? before?.Results);
        if (before is null) order.Add(request.Id);
        known[request.Id] = capture;
        // From its recording on, or once it is over without a refusal, what it took is spent.
        if (stage is not (CaptureStage.Queued or CaptureStage.Armed)) charges.Remove(request.Id);
        untold.Add((capture, isNew));
        isDirty |= isNew;
        if (order.Count > KnownAtMost) Forget();
    }

    private void Forget()
    {
        var place = order.FindIndex(id => known[id] is { Bundle: null, Progress.IsOver: true });
        if (place < 0) return;
        known.Remove(order[place]);
        order.RemoveAt(place);
    }

    [LoggerMessage(EventId = 2100, Level = LogLevel.Error, Message = "The state of captures cannot be saved in {Directory}: {Reason} It is tried again with the next change; said once until it works.")]
    private partial void LogNotSaved(string directory, string reason);
}
