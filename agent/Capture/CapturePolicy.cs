using System.Globalization;
using Monitoring.Contracts.Captures;
using Monitoring.Settings.Values;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Agent.Capture;

/// <summary>What a policy decides by.</summary>
/// <param name="Waiting">Length of the queue.</param>
/// <param name="Stamps">When each key of <see cref="CapturePolicy.KeysOf"/> was last accepted.</param>
/// <param name="Taken">When captures of the last hour that count were accepted.</param>
/// <param name="Refusals">When one of each key was last accepted and then refused.</param>
internal readonly record struct CaptureLoad(int Waiting, IReadOnlyDictionary<string, DateTimeOffset> Stamps, IReadOnlyList<DateTimeOffset> Taken, IReadOnlyDictionary<string, DateTimeOffset> Refusals);

/// <summary>Decides from memory alone whether a request is taken, and says why not with the numbers.</summary>
/// <param name="hasDirectory">False where captures have nowhere to be kept.</param>
internal sealed class CapturePolicy(CaptureSettings settings, bool hasDirectory)
{
    /// <summary>How far ahead a start time may lie: the worker keeps a place for it.</summary>
    internal static readonly TimeSpan StartAheadAtMost = TimeSpan.FromMinutes(10);

    /// <summary>How late a member of a group may begin: a node that is still busy with another capture for longer would show another moment than the others.</summary>
    internal static readonly TimeSpan GroupPatience = TimeSpan.FromMinutes(1);

    /// <summary>What was accepted and then refused costs no cooldown; so long it is not tried again, since each attempt asks the collector and the profilers.</summary>
    internal static readonly TimeSpan RefusedPause = TimeSpan.FromMinutes(1);

    private const int NamesAtMost = 64;
    private const int CharactersAtMost = 1000;

    /// <summary>Why a request is out of the question whatever else is going on; null where it is not.</summary>
    internal CaptureRefused? Check(CaptureRequest request, DateTimeOffset now)
    {
        if (!settings.Enabled) return new CaptureRefused(CaptureRefusal.Disabled, "captures are switched off (capture.enabled)");
        if (!hasDirectory) return new CaptureRefused(CaptureRefusal.Disabled, "captures have no directory: set state_directory to one that the agent can write and no other agent uses");
        if (Wrong(request, now) is { } wrong) return new CaptureRefused(CaptureRefusal.Invalid, wrong);
        return request.ExpiresAt <= now ? Expired(request, now) : null;
    }

    /// <summary>The refusal of a request that nobody wants any more.</summary>
    internal static CaptureRefused Expired(CaptureRequest request, DateTimeOffset now) => new(CaptureRefusal.Expired,
        $"it was wanted until {request.ExpiresAt.ToString("u", CultureInfo.InvariantCulture)}, {Duration.Format(Seconds(now - request.ExpiresAt))} ago");

    /// <summary>The refusal of a member of a group whose start time is over by too much; null where it is not.</summary>
    internal static CaptureRefused? TooLate(CaptureRequest request, DateTimeOffset now) =>
        request.StartAt is { } start && now - start > GroupPatience && request.Members > 1
            ? new CaptureRefused(CaptureRefusal.Expired, $"its group began at {start.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture)} UTC, {Duration.Format(Seconds(now - start))} ago, and a member may begin {Duration.Format(GroupPatience)} later: it would show another moment")
            : null;

    /// <summary>Why a request is not taken now; null where it is.</summary>
    internal CaptureRefused? Limit(CaptureRequest request, IReadOnlyList<CapturedGpu> gpus, DateTimeOffset now, CaptureLoad load)
    {
        if (load.Waiting >= settings.QueueLength)
            return new CaptureRefused(CaptureRefusal.QueueFull, string.Create(CultureInfo.InvariantCulture, $"{load.Waiting} captures wait already, {settings.QueueLength} may (capture.queue_length)"));
        var keys = KeysOf(request, gpus);
        if (Newest(keys, load.Stamps, now, settings.Cooldown) is { } last)
            return new CaptureRefused(CaptureRefusal.Cooldown, $"{request.Trigger.Name} took one of GPU {Indices(gpus)} {Duration.Format(Seconds(now - last))} ago, the cooldown is {Duration.Format(settings.Cooldown)} (capture.cooldown)");
        var pause = settings.Cooldown < RefusedPause ? settings.Cooldown : RefusedPause;
        if (Newest(keys, load.Refusals, now, pause) is { } refused)
            return new CaptureRefused(CaptureRefusal.Cooldown, $"{request.Trigger.Name} was refused one of GPU {Indices(gpus)} {Duration.Format(Seconds(now - refused))} ago, it is not asked for again within {Duration.Format(pause)}");
        return Counts(request) && load.Taken.Count >= settings.CapturesPerHour
            ? new CaptureRefused(CaptureRefusal.Budget, string.Create(CultureInfo.InvariantCulture, $"{load.Taken.Count} captures were taken in the last hour, {settings.CapturesPerHour} may (capture.captures_per_hour)"))
            : null;
    }

    /// <summary>The newest stamp where every key has one that is younger than a time; null where one has not, or there are no keys.</summary>
    private static DateTimeOffset? Newest(IReadOnlyList<string> keys, IReadOnlyDictionary<string, DateTimeOffset> stamps, DateTimeOffset now, TimeSpan within) =>
        keys.Count > 0 && keys.All(key => stamps.TryGetValue(key, out var last) && now - last < within) ? keys.Max(key => stamps[key]) : null;

    private static string Indices(IReadOnlyList<CapturedGpu> gpus) => string.Join(", ", gpus.Select(static gpu => gpu.Index));

    /// <summary>What a cooldown is kept by: the rule or alert with each GPU; nothing for persons and schedules.</summary>
    internal static IReadOnlyList<string> KeysOf(CaptureRequest request, IReadOnlyList<CapturedGpu> gpus) =>
        request.Trigger.Kind is TriggerKinds.Rule or TriggerKinds.Alert ? [.. gpus.Select(gpu => $"{request.Trigger.Kind} {request.Trigger.Name} {gpu.Uuid}")] : [];

    /// <summary>True where a request counts against the hour's budget.</summary>
    internal static bool Counts(CaptureRequest request) => request.Trigger.Kind != TriggerKinds.Person;

    /// <summary>A request that makes no sense, cut down to what may be remembered of it.</summary>
    internal static CaptureRequest Bounded(CaptureRequest request) => request with
    {
        Group = "",
        DurationSeconds = double.IsFinite(request.DurationSeconds) ? request.DurationSeconds : 0,
        Trigger = new CaptureTrigger(Cut(request.Trigger.Kind), Cut(request.Trigger.Name), Cut(request.Trigger.Reason)),
        Target = new CaptureTarget(Cut(request.Target.Node)),
        Profilers = [],
    };

    private static string Cut(string text) => text.Length <= NamesAtMost ? text : text[..NamesAtMost];

    private string? Wrong(CaptureRequest request, DateTimeOffset now)
    {
        if (!EventId.IsValid(request.Id)) return $"id is '{request.Id}', expected 32 lower-case hexadecimal digits";
        if (!TriggerKinds.All.Contains(request.Trigger.Kind)) return $"trigger kind is '{request.Trigger.Kind}', expected one of {string.Join(", ", TriggerKinds.All)}";
        if (request.Trigger.Name.Length is 0 or > CharactersAtMost || request.Trigger.Reason.Length > CharactersAtMost) return string.Create(CultureInfo.InvariantCulture, $"the trigger's name is empty, or name or reason has more than {CharactersAtMost} characters");
        if (!(request.DurationSeconds > 0) || request.DurationSeconds > settings.MaximumDuration.TotalSeconds)
            return string.Create(CultureInfo.InvariantCulture, $"duration is {request.DurationSeconds} s, expected more than 0 and at most {settings.MaximumDuration.TotalSeconds} s (capture.maximum_duration)");
        if (request.Profilers.FirstOrDefault(static name => !ProfilerNames.All.Contains(name)) is { } unknown) return $"profiler is '{unknown}', expected some of {string.Join(", ", ProfilerNames.All)}";
        if (request.Target.Gpus.Count + request.Target.Uuids.Count > NamesAtMost) return string.Create(CultureInfo.InvariantCulture, $"{request.Target.Gpus.Count + request.Target.Uuids.Count} GPUs are named, {NamesAtMost} may be");
        if (request.Target.Job.Length > CharactersAtMost) return "the job's id is longer than any";
        return request.StartAt is { } start && start - now > StartAheadAtMost
            ? $"start_at is {Duration.Format(Seconds(start - now))} ahead, at most {Duration.Format(StartAheadAtMost)} is allowed" : null;
    }

    private static TimeSpan Seconds(TimeSpan time) => TimeSpan.FromSeconds(Math.Max(0, Math.Round(time.TotalSeconds)));
}
