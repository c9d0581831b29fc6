using System.Text;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>An event that counts.</summary>
/// <param name="Id">Its id, so that one that is seen again counts once.</param>
/// <param name="UnixMicroseconds">When it happened, by the wall clock, to be kept over a restart.</param>
/// <param name="Incidents">How many it stands for: one event may sum up a storm.</param>
internal sealed record CountedEvent(string Id, int Code, long UnixMicroseconds, long Incidents = 1);

/// <summary>So many events within a window, each counted at the time at which it happened. Events that end something do not count.</summary>
internal sealed class EventPredicate(EventTrigger trigger) : Predicate
{
    // What a burst beyond it would add decides nothing but for SameCode with very many codes.
    private const int LeastKept = 64;
    private const int MostKept = 4096;

    private readonly long length = Words.Nanoseconds(trigger.Window);
    private readonly int kept = Math.Clamp(2 * trigger.Count, LeastKept, MostKept);
    private readonly List<(CountedEvent Event, long At)> events = [];
    private readonly Dictionary<int, long> byCode = [];
    private long most;

    internal override Tiers Tiers => Tiers.None;

    internal override bool IsTimed => true;

    internal override bool TakesEvents => true;

    internal override IEnumerable<EventPredicate> EventParts => [this];

    /// <summary>The events in the window, oldest first.</summary>
    internal IEnumerable<CountedEvent> Events => events.Select(static item => item.Event);

    internal override void Bind(FrameLayout layout)
    {
    }

    internal override void Take(EventRecord record, long at)
    {
        if (!Counts(record)) return;
        Add(new CountedEvent(record.Id, record.Code ?? -1, WallClock.ToUnixMicroseconds(record.Time), SightingMerger.IncidentsOf(record)), at);
    }

    /// <summary>Takes over the events of another one.</summary>
    internal void Inherit(EventPredicate before)
    {
        foreach (var (item, at) in before.events) Add(item, at);
    }

    /// <summary>Takes an event, of now or from before a restart.</summary>
    internal void Add(CountedEvent item, long at)
    {
        foreach (var (known, _) in events)
            if (known.Id == item.Id) return;
        var place = events.Count;
        while (place > 0 && events[place - 1].At > at) place--;
        events.Insert(place, (item, at));
        if (events.Count > kept) events.RemoveAt(0);
        Count();
    }

    internal override Truth Update(SubjectFrame frame)
    {
        var expired = 0;
        while (expired < events.Count && frame.Now - events[expired].At >= length) expired++;
        if (expired > 0)
        {
            events.RemoveRange(0, expired);
            Count();
        }
        return Value = most >= trigger.Count ? Truth.True : Truth.False;
    }

    // An unknown code may be anything, so it counts as what is worth a record.
    private bool Counts(EventRecord record) =>
        record.Kind == trigger.Kind && record.Phase != EventPhase.Ended
        && (trigger.Codes.Count == 0 || (record.Code is { } code && trigger.Codes.Contains(code)))
        && (record.Severity == EventSeverity.Unknown ? EventSeverity.Info : record.Severity) >= trigger.AtLeast;

    private void Count()
    {
        byCode.Clear();
        most = 0;
        foreach (var (item, _) in events)
        {
            var code = trigger.SameCode ? item.Code : 0;
            most = Math.Max(most, byCode[code] = byCode.GetValueOrDefault(code) + item.Incidents);
        }
    }

    internal override void Explain(StringBuilder text)
    {
        text.Append(Words.Number(most)).Append(' ').Append(trigger.Kind).Append(most == 1 ? " event" : " events");
        var codes = events.Select(static item => item.Event.Code).Where(static code => code >= 0).Distinct().Take(8).ToArray();
        if (codes.Length > 0) text.Append(" (").AppendJoin(", ", codes).Append(')');
        if (trigger.SameCode) text.Append(" of one code");
        text.Append(" in ").Append(Words.Duration(trigger.Window));
        // Where one is enough and there, the number needed tells nobody anything.
        if (trigger.Count > 1 || most == 0) text.Append(", needs ").Append(Words.Number(trigger.Count));
    }

    internal override void AddEvidence(List<EventValue> values) => values.Add(Evidence.Of(TriggerText.Name(trigger), most, trigger.Count));
}
