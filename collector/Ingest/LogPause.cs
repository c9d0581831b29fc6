namespace Monitoring.Collector.Ingest;

/// <summary>Lets a subject be logged once a minute, and counts what was left unsaid meanwhile. So many subjects are told apart; the rest are one.</summary>
internal sealed class LogPause<TSubject>(TimeProvider time, int mostSubjects)
    where TSubject : notnull
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<TSubject, State> states = [];
    private readonly State rest = new();

    /// <summary>Whether the subject may be logged now.</summary>
    /// <param name="subject">What it is about.</param>
    /// <param name="amount">How much there is to say now.</param>
    /// <param name="unsaid">How much was left unsaid since the last line.</param>
    public bool MaySpeak(TSubject subject, long amount, out long unsaid)
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            var state = StateOf(subject, now);
            unsaid = state.Unsaid;
            if (state.SaidAt is { } saidAt && time.GetElapsedTime(saidAt, now) < Pause)
            {
                state.Unsaid += amount;
                return false;
            }

            state.SaidAt = now;
            state.Unsaid = 0;
            return true;
        }
    }

    private State StateOf(TSubject subject, long now)
    {
        if (states.TryGetValue(subject, out var known)) return known;
        if (states.Count >= mostSubjects)
            foreach (var (other, state) in states)
                if (state is { Unsaid: 0, SaidAt: { } saidAt } && time.GetElapsedTime(saidAt, now) >= Pause) states.Remove(other);
        if (states.Count >= mostSubjects) return rest;
        return states[subject] = new State();
    }

    private sealed class State
    {
        internal long? SaidAt { get; set; }

        internal long Unsaid { get; set; }
    }
}
