using System.Globalization;
using System.Text;
using Monitoring.Settings.Values;

namespace Monitoring.Agent.Recordings;

/// <summary>A replay as a person reads it.</summary>
internal static class ReplayReport
{
    /// <summary>Every change, then a count per rule that did anything.</summary>
    internal static string Text(ReplayOutcome outcome)
    {
        var text = Head(outcome);
        var timeline = outcome.Timelines[0];
        Append(text, [.. timeline.Entries.Select(static entry => (string[])[entry.Time, Word(entry), entry.Rule.Name, entry.Subject, Told(entry)])]);
        if (timeline.Entries.Count == 0) text.Append("nothing fired\n");
        text.Append('\n');
        Append(text,
        [
            ["RULE", "FIRED", "TIME FIRING", "CAPTURES", "HELD BACK", "AT THE END"],
            .. timeline.Counts.Where(static count => count.Fired > 0).Select(static count => new[]
            {
                count.Rule.Shadow ? count.Rule.Name + " (shadow)" : count.Rule.Name, Number(count.Fired), Duration.Format(Seconds(count.Firing)), Number(count.Captures), Number(count.Suppressed),
                count.StillFiring == 0 ? "-" : $"{Number(count.StillFiring)} firing",
            }),
        ]);
        text.Append(CultureInfo.InvariantCulture, $"{timeline.Counts.Count(static count => count.Fired == 0)} of {timeline.Counts.Count} rules did not fire.\n");
        return text.ToString();
    }

    /// <summary>What the second rule set does otherwise than the first: <c>-</c> the first alone, <c>+</c> the second alone.</summary>
    internal static string Difference(ReplayOutcome outcome)
    {
        var text = Head(outcome);
        var (first, second) = (outcome.Timelines[0].Entries, outcome.Timelines[1].Entries);
        var changes = Differences(first, second);
        Append(text, [.. changes.Select(static change => (string[])[change.IsSecond ? "+" : "-", change.Entry.Time, Word(change.Entry), change.Entry.Rule.Name, change.Entry.Subject, Told(change.Entry)])]);
        text.Append(changes.Count == 0
            ? string.Create(CultureInfo.InvariantCulture, $"no difference: {first.Count} changes with both\n")
            : string.Create(CultureInfo.InvariantCulture, $"\n{changes.Count(static change => !change.IsSecond)} changes only with --rules, {changes.Count(static change => change.IsSecond)} only with --against, {first.Count - changes.Count(static change => !change.IsSecond)} with both\n"));
        return text.ToString();
    }

    /// <summary>Entries that only one of two timelines has, or that act otherwise, in the order of time.</summary>
    internal static IReadOnlyList<(bool IsSecond, ReplayEntry Entry)> Differences(IReadOnlyList<ReplayEntry> first, IReadOnlyList<ReplayEntry> second)
    {
        var (inFirst, inSecond) = (first.Select(Key).ToHashSet(), second.Select(Key).ToHashSet());
        return
        [
            .. first.Where(entry => !inSecond.Contains(Key(entry))).Select(static entry => (false, entry))
                .Concat(second.Where(entry => !inFirst.Contains(Key(entry))).Select(static entry => (true, entry)))
                .OrderBy(static change => change.entry.UnixMicroseconds),
        ];

        static ((long, string, string, string, bool), string) Key(ReplayEntry entry) => (entry.Identity, entry.Acts);
    }

    private static StringBuilder Head(ReplayOutcome outcome)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{outcome.Header.Node}, {ReplayEntry.Text(outcome.FirstUnixMicroseconds)} to {ReplayEntry.Text(outcome.LastUnixMicroseconds)}: {outcome.Frames} frames, {outcome.Events} events, {outcome.Timelines[0].Counts.Count} rules\n");
        if (outcome.Trouble.Length > 0) text.Append(CultureInfo.InvariantCulture, $"The recording is not whole: {outcome.Trouble}.\n");
        return text.Append('\n');
    }

    private static string Word(ReplayEntry entry) => entry.IsFiring ? "fired" : "cleared";

    private static string Told(ReplayEntry entry) => entry.Acts.Length == 0 ? entry.Why : entry.Why.Length == 0 ? $"[{entry.Acts}]" : $"[{entry.Acts}] {entry.Why}";

    private static void Append(StringBuilder text, string[][] rows)
    {
        if (rows.Length == 0) return;
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows) text.Append(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()).Append('\n');
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static TimeSpan Seconds(TimeSpan time) => TimeSpan.FromSeconds(Math.Round(time.TotalSeconds, 1));
}
