using Monitoring.Agent.Detection.Rules;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Health;

/// <summary>
/// The one judge of health, behind the API, the metrics and the command line. What rules and events say becomes reasons, each with
/// what ends it; a component is as bad as its worst reason. The thread of detection owns it; <see cref="Current"/> is for anyone.
/// Sticky reasons are kept in the journal; what events said between the last keeping and a crash is read from the journal again.
/// </summary>
internal sealed partial class HealthEvaluator
{
    /// <summary>Name of its state in the journal.</summary>
    internal const string StateName = "health";

    // A call into the driver is not watched over a restart of the agent: what still hangs is told anew.
    private static readonly TimeSpan UnconfirmedLasts = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan KeepInterval = TimeSpan.FromSeconds(1);
    private const int EventsToCatchUp = 1000;

    private readonly HealthLedger ledger = new();
    private readonly ResetWatch resets = new();
    private readonly NodeIdentity node;
    private readonly IEventVerdicts verdicts;
    private readonly IEventJournal journal;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly List<EventRecord> findings = [];
    private NodeHealth current;
    private string lastEvent = "";
    private long evaluatedAtTicks;
    private long keptAt;
    private long dropped;
    private bool isUnpublished = true;
    private bool isUnkept;

    internal HealthEvaluator(NodeIdentity node, IEventVerdicts verdicts, IEventJournal journal, TimeProvider time, ILogger<HealthEvaluator> logger)
    {
        (this.node, this.verdicts, this.journal, this.time, this.logger) = (node, verdicts, journal, time, logger);
        keptAt = time.GetTimestamp();
        Restore();
        current = Report();
        evaluatedAtTicks = current.EvaluatedAt.UtcTicks;
    }

    /// <summary>How the node is.</summary>
    internal NodeHealth Current => Volatile.Read(ref current) with { EvaluatedAt = new DateTimeOffset(Volatile.Read(ref evaluatedAtTicks), TimeSpan.Zero) };

    /// <summary>People's wishes to clear reasons.</summary>
    internal HealthClearances Clearances { get; } = new();

    /// <summary>Told of the rule, GPU and instance behind each reason that a person cleared while its condition holds.</summary>
    internal Action<string, GpuSubject?, string> Waived { get; set; } = static (_, _, _) => { };

    /// <summary>Told when a person cleared what there is about the PCI bus of the node itself: the GPUs that are there now are all.</summary>
    internal Func<(int Before, int Now)?> Settled { get; set; } = static () => null;

    /// <summary>Follows the GPUs that are there.</summary>
    internal void Follow(IReadOnlyList<HealthSubject> present) => isUnpublished |= ledger.Follow(present);

    /// <summary>Takes that a rule fired or cleared. A rule in shadow, or without a health state, says nothing.</summary>
    internal void Take(RuleChange change)
    {
        var rule = change.Rule;
        if (change.Event is { } said)
        {
            lastEvent = said.Id;
            isUnkept = true;
        }
        if (rule.Shadow || rule.Health == HealthState.Healthy) return;
        var subject = ledger.Of(change.Gpu?.Reference);
        var cause = CauseOf(rule.Name, change.Instance);
        if (!change.IsFiring)
        {
            if (subject.Find(rule.Component, cause) is { } held) EndCondition(subject, rule.Component, held);
            return;
        }
        var at = DateTimeOffset.UnixEpoch.AddMicroseconds(change.UnixMicroseconds);
        if (EventRules.Spoken(subject, rule, at) is { } spoken)
        {
            isUnpublished = isUnkept = true;
            spoken.Join(rule, time);
            return;
        }
        // A rule on events fires for what already happened; its firing on says only that its window still counts it.
        Report(subject, rule.Component, rule.ClearedBy == ClearedBy.Time ? rule.ClearedAfter : TimeSpan.Zero, EventRules.IsOnEvents(rule.Trigger), new HealthReason
        {
            Cause = cause,
            State = rule.Health,
            Text = change.Event?.Title ?? Text(change),
            Since = at,
            LastSeen = at,
            EventId = change.Event?.Id,
            Rule = rule.Name,
            SuggestedAction = rule.SuggestedAction,
            Runbook = rule.Runbook,
            ClearedBy = rule.ClearedBy,
            IsHolding = true,
        });
    }

    /// <summary>Takes an event of a source, before the rules do; what rules made is known through their changes.</summary>
    internal void Take(EventRecord record)
    {
        lastEvent = record.Id;
        isUnkept = true;
        if (record.Rule is not null) return;
        if (IsLoadOfDriver(record)) Reset(null, record.Time);
        if (record.Phase == EventPhase.Ended) EndIncident(record);
        else if (verdicts.Judge(record) is { } verdict) Report(record, verdict);
    }

    /// <summary>The GPU was reset, or the driver loaded anew: what a reset clears is over.</summary>
    /// <param name="gpu">The GPU; null for all of them and the node.</param>
    /// <param name="at">When; what was seen later stays. Null for now.</param>
    internal void Reset(GpuSubject? gpu, DateTimeOffset? at = null) => Release(gpu is null ? ledger.Subjects : [ledger.Of(gpu.Reference)], at, ClearedBy.Reset);

    /// <summary>Takes the energy counter of a GPU, whose fall tells of a reset. To be called with every new reading, or now and then.</summary>
    /// <param name="gpu">The GPU.</param>
    /// <param name="joules">Energy since the driver was loaded; NaN where it does not say.</param>
    /// <param name="isPersistent">Whether persistence mode is on.</param>
    internal void TakeEnergy(GpuSubject gpu, double joules, bool isPersistent)
    {
        if (!resets.Take(gpu.Uuid, joules, isPersistent, time.GetUtcNow())) return;
        LogReset(gpu.Index, gpu.Uuid);
        Reset(gpu);
        isUnkept = true;
        // One after the other or all at once: when none is left that was not reset, what the node itself asked a reset for is done.
        if (resets.AllResetSince(ledger.Gpus.Where(static subject => subject.IsPresent).Select(static subject => subject.Gpu!.Uuid)) is { } since)
            Release([ledger.Node], since, ClearedBy.Reset);
    }

    /// <summary>
    /// Takes the findings of before a sudden end that no kept state knows, and ends the conditions of rules that no longer stand as firing,
    /// such as one that was taken out of the files. To be called after a start and after a reload.
    /// </summary>
    internal void Reconcile(IReadOnlyList<RuleDefinition> rules, IReadOnlyList<RuleStatus> statuses)
    {
        TakeFindings(rules);
        var firing = statuses.Where(static status => status.State is RuleState.Firing or RuleState.Clearing && !status.IsShadow)
            .Select(status => (ledger.Find(status.Gpu?.Reference), CauseOf(status.Rule, status.Instance))).ToHashSet();
        foreach (var subject in ledger.Subjects)
            foreach (var ((component, cause), held) in subject.All.ToArray())
                if (held.Reason is { Rule: not null, IsHolding: true } && !firing.Contains((subject, cause))) EndCondition(subject, component, held);
    }

    /// <summary>Lets time clear what it clears, does what people asked for, and publishes and keeps what changed. To be called often.</summary>
    internal void Look()
    {
        var now = time.GetTimestamp();
        if (ledger.IsDue(now)) RemoveDue(now);
        while (Clearances.TryTake(out var wish)) wish.Answer(Clear(wish.Request));
        if (isUnpublished) Volatile.Write(ref current, Report());
        isUnpublished = false;
        Volatile.Write(ref evaluatedAtTicks, time.GetUtcNow().UtcTicks);
        if (!isUnkept || time.GetElapsedTime(keptAt, now) < KeepInterval) return;
        Keep();
    }

    private void RemoveDue(long now)
    {
        foreach (var subject in ledger.Subjects) Ended(subject, subject.RemoveWhere((_, held) => held.ClearsAt <= now));
    }

    /// <summary>Keeps the state now; for an orderly end.</summary>
    internal void Keep()
    {
        journal.AppendState(StateName, HealthMemory.Save(ledger, resets, node.BootId, lastEvent, time));
        isUnkept = false;
        keptAt = time.GetTimestamp();
    }

    private static string CauseOf(string rule, string instance) => instance.Length > 0 ? $"rule:{rule}:{instance}" : $"rule:{rule}";

    // Where no event says it, this is all that there is to see of it.
    private static string Text(RuleChange change) => (change.Rule.Description.Length > 0 ? change.Rule.Description : change.Rule.Name)
        + (change.ToldBy.Length > 0 ? $" {change.Why} (told by {change.ToldBy})" : "");

    private static string InstanceOf(string rule, string cause) => cause.Length > CauseOf(rule, "").Length ? cause[(CauseOf(rule, "").Length + 1)..] : "";

    private void Report(EventRecord record, HealthVerdict verdict)
    {
        var isCondition = record.Phase == EventPhase.Started;
        var held = Report(ledger.Of(record.Gpu), verdict.Component, verdict.After, isPastFact: !isCondition, new HealthReason
        {
            Cause = HeldReason.CauseOf(record),
            State = verdict.State,
            Text = record.Title,
            Since = record.Time,
            LastSeen = record.Time,
            EventId = record.Id,
            SuggestedAction = record.SuggestedAction,
            Runbook = record.Runbook,
            ClearedBy = verdict.ClearedBy,
            IsHolding = isCondition,
        });
        if (isCondition) held.Open(record.Id);
        else held.BeginQuiet(time);
    }

    private HeldReason Report(SubjectReasons subject, string component, TimeSpan after, bool isPastFact, HealthReason reason)
    {
        isUnpublished = isUnkept = true;
        if (subject.Find(component, reason.Cause) is { } known)
        {
            known.Repeat(reason, after, isPastFact);
            return known;
        }
        var held = new HeldReason(reason, after, isPastFact);
        if (subject.Add(component, held) is not null) dropped++;
        var name = Name(subject);
        LogWorse(name, component, reason.State, reason.Text);
        return held;
    }

    private void EndCondition(SubjectReasons subject, string component, HeldReason held)
    {
        isUnpublished = isUnkept = true;
        held.OpenIncidents.Clear();
        held.BeginQuiet(time);
        if (held.EndsWithCondition || (held.Reason.ClearedBy == ClearedBy.Condition && held.After == TimeSpan.Zero))
            Ended(subject, subject.RemoveWhere((of, other) => of == component && other == held));
    }

    private void EndIncident(EventRecord record)
    {
        var isFound = false;
        foreach (var subject in ledger.Subjects)
            foreach (var ((component, _), held) in subject.All.ToArray())
            {
                if (record.Incident is not { } incident || !held.OpenIncidents.Remove(incident)) continue;
                isFound = true;
                if (held.OpenIncidents.Count == 0) EndCondition(subject, component, held);
            }
        if (isFound || ledger.Find(record.Gpu) is not { } named) return;
        // A source that does not know how it began still says what ended.
        var cause = HeldReason.CauseOf(record);
        foreach (var ((component, of), held) in named.All.ToArray())
            if (of == cause && held.Reason is { Rule: null, IsHolding: true }) EndCondition(named, component, held);
    }

    private static bool IsLoadOfDriver(EventRecord record) =>
        record is { Kind: EventKinds.Driver, Phase: EventPhase.Instant } && record.Evidence.Details?.GetValueOrDefault(DriverMatters.Detail) == DriverMatters.Loaded;

    /// <summary>Ends the reasons that a reset or reboot clears; one whose condition still holds ends with it.</summary>
    /// <param name="at">Those that were last seen later stay; null for none.</param>
    private void Release(IEnumerable<SubjectReasons> subjects, DateTimeOffset? at, params ReadOnlySpan<ClearedBy> by)
    {
        foreach (var subject in subjects)
        {
            List<HeldReason> over = [];
            foreach (var (_, held) in subject.All)
            {
                if (!by.Contains(held.Reason.ClearedBy) || held.Reason.LastSeen > at) continue;
                if (held is { IsPastFact: false, Reason.IsHolding: true }) held.EndsWithCondition = isUnkept = true;
                else over.Add(held);
            }
            Ended(subject, subject.RemoveWhere((_, held) => over.Contains(held)));
        }
    }

    private void Ended(SubjectReasons subject, IReadOnlyList<HealthReason> ended)
    {
        if (ended.Count == 0) return;
        isUnpublished = isUnkept = true;
        var name = Name(subject);
        foreach (var reason in ended) LogBetter(name, reason.Text, reason.ClearedBy);
    }

    private static string Name(SubjectReasons subject) => subject.Gpu is not { } gpu ? "node"
        : gpu.Index >= 0 ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"GPU {gpu.Index}") : $"GPU {(gpu.Uuid.Length > 0 ? gpu.Uuid : gpu.PciBusId)}";

    private NodeHealth Report()
    {
        var components = ledger.Node.Report();
        GpuHealth[] gpus = [.. ledger.Gpus.Select(static subject =>
        {
            var (gpu, of) = (subject.Gpu!, subject.Report());
            return new GpuHealth(gpu.Index < 0 ? null : gpu.Index, gpu.Uuid, gpu.Serial, gpu.PciBusId, gpu.Model, subject.IsPresent, Worst(of.Select(static c => c.State)), of);
        })];
        return new NodeHealth(node.Cluster, node.Node, node.BootId, time.GetUtcNow(),
            Worst([.. components.Select(static component => component.State), .. gpus.Select(static gpu => gpu.State)]), components, gpus, dropped);
    }

    private static HealthState Worst(IEnumerable<HealthState> states) => states.DefaultIfEmpty().Max();

    [LoggerMessage(EventId = 1650, Level = LogLevel.Warning, Message = "Health of {Subject}, {Component}: {State}: {Reason}.")]
    private partial void LogWorse(string subject, string component, HealthState state, string reason);

    [LoggerMessage(EventId = 1651, Level = LogLevel.Information, Message = "Health of {Subject}: no longer: {Reason} (cleared by: {ClearedBy}).")]
    private partial void LogBetter(string subject, string reason, ClearedBy clearedBy);

    [LoggerMessage(EventId = 1653, Level = LogLevel.Information, Message = "GPU {Gpu} ({Uuid}) was reset, or its driver loaded anew: its energy counter began again.")]
    private partial void LogReset(int gpu, string uuid);
}
