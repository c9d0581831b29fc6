using System.Text.Json;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;

namespace Monitoring.Collector.Commands;

/// <summary>What asks for room in the budget.</summary>
/// <param name="IsForced">True where a person wants it over the limits; it counts all the same.</param>
/// <param name="StartAt">When it begins; null for at once.</param>
/// <param name="Order">What is the same for captures that count as one of their job; empty for one that counts by itself.</param>
internal sealed record BudgetQuestion(
    string Capture, string Node, string Kind, string Name, string Gpu = "", string Job = "", double DurationSeconds = 0, bool IsForced = false, DateTimeOffset? StartAt = null, string Order = "");

/// <summary>
/// How many captures the cluster takes, whoever asks. The same question gets the same answer; a capture counts until its node says that
/// it is over, or the time is over by which it must have been. It outlives a sudden end of the collector.
/// </summary>
internal sealed class FleetBudget : IJournalled
{
    // Of what is granted the limits keep a few hundred; people may force more than the limits.
    private const int LeasesAtMost = 10_000;

    // A storm of the whole fleet, so that each node that asks again hears the same.
    private const int RefusalsAtMost = 20_000;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly CommandJournal journal;
    private readonly BudgetSettings settings;
    private readonly TimeProvider time;
    private readonly Dictionary<string, BudgetLease> leases = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (CaptureLeaseAnswer Answer, DateTimeOffset At)> refused = new(StringComparer.Ordinal);
    private readonly Queue<string> refusedOrder = new();
    private readonly Dictionary<(string Node, string Gpu), DateTimeOffset> troubled = [];

    public FleetBudget(CommandJournal journal, BudgetSettings settings, TimeProvider time)
    {
        (this.journal, this.settings, this.time) = (journal, settings, time);
        journal.Add(this);
    }

    /// <summary>Captures let in since the start.</summary>
    public long Granted { get; private set; }

    /// <summary>Captures refused since the start.</summary>
    public long Refused { get; private set; }

    /// <summary>Captures under way.</summary>
    public int Active
    {
        get
        {
            lock (journal.Gate)
            {
                var now = time.GetUtcNow();
                return leases.Values.Count(lease => lease.IsActive(now));
            }
        }
    }

    /// <summary>Lets a capture in, or says why not.</summary>
    public CaptureLeaseAnswer Ask(BudgetQuestion question)
    {
        lock (journal.Gate)
        {
            var now = time.GetUtcNow();
            Forget(now);
            if (question.Kind == TriggerKinds.Rule && troubled.Count < LeasesAtMost) troubled[(question.Node, question.Gpu)] = now;
            if (leases.TryGetValue(question.Capture, out var known) && !known.IsGivenBack) return Yes(known);
            if (!question.IsForced && refused.TryGetValue(question.Capture, out var before)) return before.Answer;
            if (Limit(question, now) is { } words && (!question.IsForced || leases.Count >= LeasesAtMost)) return No(question, words, now);

            var lease = new BudgetLease(question.Capture, question.Node, question.Kind, question.Name, question.Gpu, question.Job, now,
                (question.StartAt > now ? question.StartAt.Value : now) + TimeSpan.FromSeconds(question.DurationSeconds) + settings.LeaseMargin, Order: question.Order);
            leases[lease.Capture] = lease;
            refused.Remove(question.Capture);
            Granted++;
            Keep(lease);
            return Yes(lease);
        }
    }

    /// <summary>Whether a capture was let in.</summary>
    public bool Knows(string capture)
    {
        lock (journal.Gate) return leases.ContainsKey(capture);
    }

    /// <summary>A node said where a capture stands.</summary>
    public void Progressed(CaptureProgress progress)
    {
        if (!progress.IsOver) return;
        lock (journal.Gate)
        {
            if (!leases.TryGetValue(progress.Id, out var lease) || lease.IsOver) return;
            // What was never begun has cost nobody anything.
            leases[progress.Id] = lease = lease with { IsOver = true, IsGivenBack = progress.Stage == CaptureStage.Refused };
            Keep(lease);
        }
    }

    /// <summary>A capture that was let in will not be asked of its node after all.</summary>
    public void GiveBack(string capture)
    {
        lock (journal.Gate)
        {
            if (!leases.TryGetValue(capture, out var lease)) return;
            leases[capture] = lease = lease with { IsOver = true, IsGivenBack = true };
            Keep(lease);
        }
    }

    /// <summary>Whether a rule fired for a GPU, or the node as such, lately: such a one is no healthy peer.</summary>
    public bool IsTroubled(string node, string gpu)
    {
        lock (journal.Gate)
        {
            var since = time.GetUtcNow() - settings.RuleWindow;
            return (troubled.TryGetValue((node, gpu), out var at) && at > since) || (troubled.TryGetValue((node, ""), out at) && at > since);
        }
    }

    /// <inheritdoc/>
    public void Restore(JournalRecord type, ReadOnlySpan<byte> json)
    {
        if (type != JournalRecord.Lease) return;
        try
        {
            if (JsonSerializer.Deserialize(json, StateJson.Default.BudgetLease) is { } lease && leases.Count < LeasesAtMost) leases[lease.Capture] = lease;
        }
        catch (JsonException)
        {
            // Of a version that wrote another form; an hour later it would count no more.
        }
    }

    /// <inheritdoc/>
    public IEnumerable<(JournalRecord Type, byte[] Json)> Living() => leases.Values.Select(static lease => (JournalRecord.Lease, JsonSerializer.SerializeToUtf8Bytes(lease, StateJson.Default.BudgetLease)));

    private static CaptureLeaseAnswer Yes(BudgetLease lease) => new(true, Words: $"counted until it is over, at the latest at {lease.EndsAt:yyyy-MM-ddTHH:mm:ssZ}");

    private string? Limit(BudgetQuestion question, DateTimeOffset now)
    {
        int concurrent = 0, ofRule = 0, ofHour = 0, ofJob = 0;
        HashSet<string> ordersOfJob = [question.Order];
        var key = BudgetLease.KeyOf(question.Kind, question.Name);
        foreach (var lease in leases.Values)
        {
            if (lease.IsGivenBack) continue;
            var isActive = lease.IsActive(now);
            if (isActive) concurrent++;
            if (isActive && question.Job.Length > 0 && lease.Job == question.Job && (lease.Order.Length == 0 || ordersOfJob.Add(lease.Order))) ofJob++;
            if (lease.GrantedAt > now - Hour) ofHour++;
            if (key.Length > 0 && lease.RuleKey == key && lease.GrantedAt > now - settings.RuleWindow) ofRule++;
        }

        return key.Length > 0 && ofRule >= settings.MaxPerRule ? $"{ofRule} captures for {key} within {settings.RuleWindow.TotalMinutes:0.#} minutes, commands.budget.max_per_rule allows {settings.MaxPerRule}"
            : concurrent >= settings.MaxConcurrent ? $"{concurrent} captures are under way in the cluster, commands.budget.max_concurrent allows {settings.MaxConcurrent}"
            : question.Job.Length > 0 && ofJob >= settings.MaxConcurrentPerJob ? $"{ofJob} captures of job {question.Job} are under way, commands.budget.max_concurrent_per_job allows {settings.MaxConcurrentPerJob}"
            : ofHour >= settings.MaxPerHour ? $"{ofHour} captures within an hour, commands.budget.max_per_hour allows {settings.MaxPerHour}"
            : leases.Count >= LeasesAtMost ? $"{leases.Count} captures are remembered, no more are"
            : null;
    }

    private CaptureLeaseAnswer No(BudgetQuestion question, string words, DateTimeOffset now)
    {
        var answer = new CaptureLeaseAnswer(false, CaptureRefusal.Budget, words);
        Refused++;
        // What a person asks is answered anew each time: he sees the limit and waits, or forces it.
        if (question.Kind is not (TriggerKinds.Rule or TriggerKinds.Control)) return answer;
        if (refused.Count >= RefusalsAtMost) refused.Remove(refusedOrder.Dequeue());
        refused[question.Capture] = (answer, now);
        refusedOrder.Enqueue(question.Capture);
        return answer;
    }

    private void Forget(DateTimeOffset now)
    {
        while (refusedOrder.TryPeek(out var oldest) && (!refused.TryGetValue(oldest, out var answer) || answer.At <= now - Hour))
        {
            refused.Remove(oldest);
            refusedOrder.Dequeue();
        }

        if (leases.Count == 0 && troubled.Count == 0) return;
        // Where the clock was set back they would count for as much longer.
        foreach (var ahead in leases.Values.Where(lease => lease.GrantedAt > now).ToArray()) leases[ahead.Capture] = ahead with { GrantedAt = now, EndsAt = ahead.EndsAt - (ahead.GrantedAt - now) };
        foreach (var old in leases.Values.Where(lease => !lease.IsActive(now) && lease.GrantedAt <= now - Hour).ToArray()) leases.Remove(old.Capture);
        foreach (var old in troubled.Where(pair => pair.Value <= now - settings.RuleWindow).Select(static pair => pair.Key).ToArray()) troubled.Remove(old);
    }

    // Where the disk refuses, the budget holds in memory; a restart then forgets what was not kept.
    private void Keep(BudgetLease lease) => journal.TryAppend(JournalRecord.Lease, JsonSerializer.SerializeToUtf8Bytes(lease, StateJson.Default.BudgetLease));
}
