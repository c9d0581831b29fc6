using System.Threading.Channels;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture;

/// <summary>What the service is put together of.</summary>
/// <param name="IsShipped">True where bundles go to a collector.</param>
internal sealed record CaptureParts(
    CaptureSettings Settings, NodeIdentity Identity, CaptureDisk Disk, CaptureBook Book, BundleRoom Room, ScopeFinder Finder, CaptureRecorder Recorder, BundleWriter Writer, Dcgm.ProfilingPause Pause,
    IReadOnlyList<Profilers.IProfiler> Profilers, ICaptureLeases Leases, IEventJournal Journal, bool IsShipped);

/// <summary>
/// Takes captures, one at a time on the node: from wherever they are asked for, through the policy into the queue, then recorded,
/// exported and written by one worker. Asking is a matter of memory; what was accepted is on disk a moment later and outlives the agent.
/// </summary>
internal sealed partial class CaptureService : IHostedService, ICaptures, ICaptureDesk, ICaptureOutbox, IDisposable
{
    // Opening a GPU takes a second or two, of a driver without persistence some more.
    private static readonly TimeSpan OpeningPatience = TimeSpan.FromMinutes(1);

    // Looking starts programs, and anyone who reaches the port may ask for the list.
    private static readonly TimeSpan AbilitiesKept = TimeSpan.FromSeconds(10);

    private readonly CaptureParts parts;
    private readonly TimeProvider time;
    private readonly ILogger<CaptureService> logger;
    private readonly CapturePolicy policy;
    private readonly CaptureBook book;
    private readonly CaptureSettings settings;
    private readonly Channel<bool> flushing = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Channel<bool> waking = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new(); // guards what follows
    private TaskCompletionSource bundleArrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private (string Id, CancellationTokenSource End)? running;
    private readonly HashSet<string> cancelled = new(StringComparer.Ordinal);

    private readonly SemaphoreSlim looking = new(1, 1); // guards what follows
    private (long At, IReadOnlyList<(string Profiler, Profilers.ProfilerAbility Ability)> Abilities)? looked;

    private readonly long startedAt;
    private Task worker = Task.CompletedTask;
    private Task flusher = Task.CompletedTask;

    internal CaptureService(CaptureParts parts, TimeProvider time, ILogger<CaptureService> logger)
    {
        (this.parts, this.time, this.logger) = (parts, time, logger);
        startedAt = time.GetTimestamp();
        (book, settings) = (parts.Book, parts.Settings);
        policy = new CapturePolicy(settings, parts.Disk.Root.Length > 0);
        book.Changed = () =>
        {
            flushing.Writer.TryWrite(true);
            waking.Writer.TryWrite(true);
        };
    }

    /// <summary>Length of the queue.</summary>
    internal int QueueLength => book.Queue().Count;

    /// <summary>Bytes of all bundles.</summary>
    internal long Bytes => parts.Room.Bytes;

    /// <summary>Bundles that were removed for room since the start.</summary>
    internal long Removed => parts.Room.Removed;

    /// <summary>Everything that is known, oldest first.</summary>
    internal IReadOnlyList<KnownCapture> Known() => book.All();

    /// <inheritdoc/>
    public string Request(RuleChange change) => Admit(RuleCaptures.Of(change, parts.Identity, settings, time.GetUtcNow())).Words;

    /// <inheritdoc/>
    public CaptureAnswer Request(CaptureRequest request)
    {
        var answer = Admit(request);
        book.Flush();
        return answer;
    }

    private CaptureAnswer Admit(CaptureRequest request)
    {
        if (Contracts.Events.EventId.IsValid(request.Id) && book.Find(request.Id) is { } known) return Answer(known);
        var now = time.GetUtcNow();
        var refused = stopping.IsCancellationRequested ? new CaptureRefused(CaptureRefusal.Stopping, "the agent is about to end") : policy.Check(request, now);
        IReadOnlyList<CapturedGpu> gpus = [];
        if (refused is null) (gpus, refused) = parts.Finder.Gpus(request.Target);
        if (IsTooEarly(refused)) refused = null; // the worker looks again
        // An id that is none could be a path; nobody is told of it but who asked.
        if (refused is { Refusal: CaptureRefusal.Invalid } && !Contracts.Events.EventId.IsValid(request.Id)) return new CaptureAnswer(request.Id, refused.Refusal, refused.ToString());
        if (refused is { Refusal: CaptureRefusal.Invalid }) request = CapturePolicy.Bounded(request);
        refused = book.Admit(request, load => refused ?? policy.Limit(request, gpus, now, load), CapturePolicy.KeysOf(request, gpus), CapturePolicy.Counts(request));
        return book.Find(request.Id) is { } admitted ? Answer(admitted) : new CaptureAnswer(request.Id, refused?.Refusal, refused?.ToString() ?? Accepted(request.Id));
    }

    /// <inheritdoc/>
    public string? Cancel(string id)
    {
        if (book.Find(id) is not { Progress.IsOver: false } capture) return null;
        if (book.Unqueue(id))
        {
            book.End(capture.Request, CaptureStage.Cancelled, "taken back before it began");
            return $"cancelled: {id} was taken out of the queue";
        }
        lock (gate)
        {
            if (!book.InFlight().Any(one => one.Request.Id == id)) return null;
            cancelled.Add(id);
            if (running is { } now && now.Id == id) now.End.Cancel();
        }
        return $"cancelled: {id} is being ended, what it has is thrown away";
    }

    /// <inheritdoc/>
    public CaptureProgress? Progress(string id) => book.Find(id)?.Progress;

    /// <inheritdoc/>
    public IReadOnlyList<CaptureProgress> All() => [.. book.All().Select(static capture => capture.Progress)];

    /// <summary>What each profiler can do on this node, and why not; as of some seconds ago at most.</summary>
    internal async Task<IReadOnlyList<(string Profiler, Profilers.ProfilerAbility Ability)>> AbilitiesAsync(CancellationToken cancellationToken)
    {
        await looking.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (looked is not { } last || time.GetElapsedTime(last.At) >= AbilitiesKept) looked = last = (time.GetTimestamp(), await LookAsync(cancellationToken).ConfigureAwait(false));
            return last.Abilities;
        }
        finally
        {
            looking.Release();
        }
    }

    private async Task<IReadOnlyList<(string, Profilers.ProfilerAbility)>> LookAsync(CancellationToken cancellationToken)
    {
        List<(string, Profilers.ProfilerAbility)> abilities = [];
        foreach (var profiler in parts.Profilers)
        {
            Profilers.ProfilerAbility ability;
            try
            {
                ability = await profiler.AbilityFor(null, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                ability = new Profilers.ProfilerAbility(Can: false, CaptureRefusal.ProfilerMissing, $"looking for it ended in a fault: {fault.Message}");
            }
            abilities.Add((profiler.Name, ability));
        }
        return abilities;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Before anybody asks for a capture, and before anything is saved over it.
        if (parts.Disk.Root.Length > 0 && Load() is { } ledger) book.Restore(ledger);
        flusher = Task.Run(FlushAsync, CancellationToken.None);
        if (parts.Disk.Root.Length > 0) worker = Task.Run(WorkAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        lock (gate) running?.End.Cancel();
        waking.Writer.TryWrite(true);
        flushing.Writer.TryWrite(true);
        try
        {
            await Task.WhenAll(worker, flusher).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // What a profiler still holds is cleaned up at the next start.
            LogNotEnded();
        }
        book.Flush();
    }

    public void Dispose()
    {
        stopping.Dispose();
        looking.Dispose();
    }

    /// <summary>True while GPUs are being opened after a start: what is asked for then is not refused for that.</summary>
    private bool IsTooEarly(CaptureRefused? refused) => refused is { IsEarly: true } && time.GetElapsedTime(startedAt) < OpeningPatience;

    private static string Accepted(string id) => $"accepted: {id}";

    private static CaptureAnswer Answer(KnownCapture known) => known.Progress is { Stage: CaptureStage.Refused, Refusal: { } refusal }
        ? new CaptureAnswer(known.Request.Id, refusal, known.Progress.Words) : new CaptureAnswer(known.Request.Id, null, Accepted(known.Request.Id));

    private async Task FlushAsync()
    {
        while (!stopping.IsCancellationRequested)
        {
            await flushing.Reader.ReadAsync().ConfigureAwait(false);
            try
            {
                book.Flush();
            }
            catch (Exception fault)
            {
                LogFault(fault);
            }
        }
    }

    [LoggerMessage(EventId = 2101, Level = LogLevel.Error, Message = "Taking captures ended in a fault of the agent; it goes on with the next one.")]
    private partial void LogFault(Exception fault);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Warning, Message = "A capture did not end before the agent had to; it is cleaned up at the next start.")]
    private partial void LogNotEnded();
}
