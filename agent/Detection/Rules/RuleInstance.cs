using System.Text;
using Monitoring.Agent.Detection.Rules.Predicates;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>A rule on one GPU, one instance or the node: where it stands, and what it may still do. Times are nanoseconds unless named otherwise.</summary>
internal sealed class RuleInstance
{
    private readonly long holdFor;
    private readonly long clearFor;
    private readonly long cooldown;
    private readonly ActLimit events;
    private readonly ActLimit captures;
    private long since;
    private long now = long.MinValue;
    private string limitedBy = "";

    internal RuleInstance(RuleProgram program, GpuSubject? gpu, string name, Predicate trigger, long unixMicroseconds = 0)
    {
        (Program, Gpu, Name, Trigger, SinceUnixMicroseconds) = (program, gpu, name, trigger, unixMicroseconds);
        var rule = program.Rule;
        (holdFor, clearFor, cooldown) = (Words.Nanoseconds(rule.For), Words.Nanoseconds(rule.ClearFor), Words.Nanoseconds(rule.Limits.Cooldown));
        events = new ActLimit(rule.Limits.Events, Words.Nanoseconds(rule.Limits.Window));
        captures = new ActLimit(rule.Limits.Captures, Words.Nanoseconds(rule.Limits.Window));
    }

    internal RuleProgram Program { get; }

    /// <summary>The GPU, with all that is known of it by now.</summary>
    internal GpuSubject? Gpu { get; set; }

    /// <summary>Values of the instance's labels; empty for none.</summary>
    internal string Name { get; }

    /// <summary>What it goes by; replaced where more is known of the GPU.</summary>
    internal Predicate Trigger { get; set; }

    internal RuleState State { get; private set; } = RuleState.NoData;

    /// <summary>When it came to stand so; at first, when it began to be watched.</summary>
    internal long SinceUnixMicroseconds { get; private set; }

    /// <summary>When it fired, and the event of it; null where it does not fire or made no event.</summary>
    internal long FiredUnixMicroseconds { get; private set; }

    internal string? Incident { get; private set; }

    /// <summary>How often it fired, and how often a limit kept it from acting.</summary>
    internal long Fired { get; private set; }

    internal long Suppressed { get; private set; }

    /// <summary>Events and captures that were kept back since the last event.</summary>
    internal long Unreported { get; private set; }

    internal bool IsFiring => State is RuleState.Firing or RuleState.Clearing;

    /// <summary>Takes what the trigger says.</summary>
    /// <param name="truth">Whether it holds.</param>
    /// <param name="moment">When.</param>
    /// <param name="unixMicroseconds">When, by the wall clock.</param>
    /// <param name="isAfterGap">True where it is not known whether it held just before.</param>
    internal void Advance(Truth truth, long moment, long unixMicroseconds, bool isAfterGap)
    {
        now = Math.Max(now, moment);
        // A pause counts for nothing: what was to be held, or not to be held, begins anew.
        if (isAfterGap && State is RuleState.Pending or RuleState.Clearing) since = now;
        switch (truth)
        {
            case Truth.True:
                if (IsFiring)
                {
                    Enter(RuleState.Firing, unixMicroseconds);
                    return;
                }
                Enter(RuleState.Pending, unixMicroseconds);
                if (now - since >= holdFor) Fire(unixMicroseconds);
                return;
            case Truth.False:
                if (!IsFiring)
                {
                    Enter(RuleState.Armed, unixMicroseconds);
                    return;
                }
                Enter(RuleState.Clearing, unixMicroseconds);
                if (now - since >= clearFor) Clear(unixMicroseconds, "");
                return;
            default:
                Enter(IsFiring ? RuleState.Firing : RuleState.NoData, unixMicroseconds);
                return;
        }
    }

    /// <summary>Ends what it fired, for a reason other than its trigger.</summary>
    internal void End(long unixMicroseconds, string reason)
    {
        if (IsFiring) Clear(unixMicroseconds, reason);
    }

    /// <summary>Where it stands, for people.</summary>
    internal RuleStatus Status()
    {
        var text = new StringBuilder(Why());
        if (State == RuleState.Pending) text.Append("; held for ").Append(Words.Duration(now - since)).Append(" of ").Append(Words.Duration(holdFor));
        if (State == RuleState.Clearing) text.Append("; not held for ").Append(Words.Duration(now - since)).Append(" of ").Append(Words.Duration(clearFor));
        if (limitedBy.Length > 0) text.Append("; ").Append(limitedBy);
        return new RuleStatus(Program.Rule.Name, Gpu, Name, State, SinceUnixMicroseconds, Program.Rule.Shadow, limitedBy.Length > 0, Fired, Suppressed, text.ToString());
    }

    /// <summary>What is to survive a restart; null for nothing.</summary>
    internal SavedInstance? Save()
    {
        var kept = Trigger.EventParts.Select(static part => part.Events.ToArray()).ToArray();
        Dictionary<string, double> highest = new(StringComparer.Ordinal);
        foreach (var (name, value) in Trigger.FallenParts.SelectMany(static part => part.Highest)) highest[name] = Math.Max(value, highest.GetValueOrDefault(name, value));
        if (!IsFiring && Fired == 0 && highest.Count == 0 && kept.All(static part => part.Length == 0)) return null;
        return new SavedInstance(Program.Rule.Name, Program.Fingerprint, Gpu?.Reference, Name, IsFiring, FiredUnixMicroseconds, Incident, Fired, Suppressed, Unreported,
            [.. events.Acts], [.. captures.Acts], kept, highest.Count > 0 ? highest : null);
    }

    /// <summary>Goes on from before a restart.</summary>
    /// <param name="saved">What was saved.</param>
    /// <param name="toMoment">Turns a time by the wall clock into one of the engine's clock.</param>
    internal void Restore(SavedInstance saved, Func<long, long> toMoment)
    {
        (Fired, Suppressed, Unreported, Incident, FiredUnixMicroseconds) = (saved.Fired, saved.Suppressed, saved.Unreported, saved.Incident, saved.FiredUnixMicroseconds);
        foreach (var act in saved.Events) events.Act(toMoment(act), act);
        foreach (var act in saved.Captures) captures.Act(toMoment(act), act);
        foreach (var (part, items) in Trigger.EventParts.Zip(saved.Seen))
            foreach (var item in items) part.Add(item, toMoment(item.UnixMicroseconds));
        foreach (var part in Trigger.FallenParts) part.Recall(saved.Highest ?? new Dictionary<string, double>());
        if (!saved.IsFiring) return;
        State = RuleState.Firing;
        SinceUnixMicroseconds = saved.FiredUnixMicroseconds;
    }

    private string Why()
    {
        var text = new StringBuilder();
        Trigger.Explain(text);
        return text.ToString();
    }

    private void Enter(RuleState state, long unixMicroseconds)
    {
        if (State == state) return;
        // Firing goes on where clearing was given up.
        SinceUnixMicroseconds = State == RuleState.Clearing && state == RuleState.Firing ? FiredUnixMicroseconds : unixMicroseconds;
        (State, since) = (state, now);
    }

    private void Fire(long unixMicroseconds)
    {
        Enter(RuleState.Firing, unixMicroseconds);
        FiredUnixMicroseconds = unixMicroseconds;
        Fired++;
        limitedBy = "";
        var rule = Program.Rule;
        var toldBy = FindTeller();
        // What follows from an incident that somebody was told of is for health and for people who look, not a second call.
        var actions = rule.Shadow || toldBy.Length > 0 ? RuleActions.None : rule.Actions;
        var why = Why();
        var wantsCapture = (actions & RuleActions.Capture) != 0 && MayCapture(unixMicroseconds);
        var withheld = limitedBy;
        EventRecord? record = null;
        if ((actions & RuleActions.Event) != 0)
        {
            if (events.IsSpent(now))
            {
                HoldBack($"held back: {Words.Number(rule.Limits.Events)} events in {Words.Duration(rule.Limits.Window)} are the limit");
            }
            else
            {
                events.Act(now, unixMicroseconds);
                record = RuleEvents.Started(this, unixMicroseconds, why, Unreported, withheld);
                Unreported = 0;
            }
        }
        Incident = record?.Id;
        if (toldBy.Length > 0) limitedBy = $"no event: {toldBy} told of it";
        Program.Listener.Changed(new RuleChange(rule, Gpu, Name, true, unixMicroseconds, record, wantsCapture, why) { ToldBy = toldBy });
    }

    /// <summary>The rule that told of this incident: it fires with an event, for the same GPU or the same instance of the node. Empty for none.</summary>
    private string FindTeller()
    {
        foreach (var teller in Program.Tellers)
            foreach (var instance in teller.Instances)
                if (instance is { IsFiring: true, Incident: not null } && IsOfSame(instance)) return teller.Rule.Name;
        return "";
    }

    private bool IsOfSame(RuleInstance other) => Gpu is { } own ? other.Gpu is { } its && GpuMatch.IsSame(own, its.Reference) : other.Gpu is null && other.Name == Name;

    private void Clear(long unixMicroseconds, string reason)
    {
        var why = reason.Length > 0 ? reason : Why();
        var record = Incident is null ? null : RuleEvents.Ended(this, unixMicroseconds, why, reason);
        Enter(RuleState.Armed, unixMicroseconds);
        (Incident, limitedBy) = (null, "");
        Program.Listener.Changed(new RuleChange(Program.Rule, Gpu, Name, false, unixMicroseconds, record, false, why));
    }

    private bool MayCapture(long unixMicroseconds)
    {
        var limits = Program.Rule.Limits;
        if (captures.IsSpent(now))
        {
            HoldBack($"no capture: {Words.Number(limits.Captures)} in {Words.Duration(limits.Window)} are the limit");
            return false;
        }
        if (Program.LastCapture is { } last && now - last.At < cooldown)
        {
            HoldBack($"no capture: the rule's last one was {Words.Duration(now - last.At)} ago, its cooldown is {Words.Duration(limits.Cooldown)}");
            return false;
        }
        captures.Act(now, unixMicroseconds);
        Program.LastCapture = (now, unixMicroseconds);
        return true;
    }

    private void HoldBack(string why)
    {
        limitedBy = why;
        Suppressed++;
        Unreported++;
    }
}
