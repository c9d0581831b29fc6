using Monitoring.Agent.Detection.Rules.Predicates;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>
/// Hands what was saved of counters before a restart to the rules that watch them, and makes what is to be saved. A counter is of its
/// GPU, whatever rule looks at it, so that a rule that changed with the agent goes on from it too.
/// </summary>
/// <param name="toMoment">Turns a time by the wall clock into one of the engine's clock.</param>
/// <param name="toUnixMicroseconds">And back.</param>
internal sealed class GrowthMemory(Func<long, long> toMoment, Func<long, long> toUnixMicroseconds)
{
    // More than a node has; both bound what is kept, not what is watched.
    private const int MostCounters = 4096;
    private const int MostWindows = 256;

    private const long MicrosecondsPerSecond = 1_000_000;

    private SavedGrowth saved = SavedGrowth.None;

    /// <summary>Takes what was saved.</summary>
    internal void Load(SavedGrowth before) => saved = before;

    /// <summary>Whoever begins to be watched from here on begins anew.</summary>
    internal void Forget() => saved = SavedGrowth.None;

    /// <summary>Lets a trigger go on from what was saved.</summary>
    /// <param name="program">Its rule.</param>
    /// <param name="trigger">The trigger, before it is shown its series.</param>
    /// <param name="gpu">The GPU whose series it looks at; null for the node.</param>
    /// <param name="name">The rule's instance; empty for none.</param>
    internal void Recall(RuleProgram program, Predicate trigger, GpuSubject? gpu, string name)
    {
        if (saved.Counters.FirstOrDefault(item => IsOf(item.Gpu, gpu)) is not { At: { } at } counters) return;
        var place = 0;
        foreach (var part in trigger.GrowthParts)
        {
            var number = place++;
            var windows = saved.Windows.Where(window => window.Part == number && window.Rule == program.Rule.Name && window.Fingerprint == program.Fingerprint && window.Name == name && IsOf(window.Gpu, gpu)).ToArray();
            part.Recall(growth =>
            {
                if (!saved.Counters.Contains(counters) || !counters.Last.TryGetValue(growth.Series, out var value)) return;
                var parts = Array.Find(windows, window => window.Series == growth.Series)?.Parts ?? [];
                growth.Recall(value, toMoment(at), parts.Select(item => (toMoment(item.At), item.Amount)));
            });
        }
    }

    /// <summary>What is to be saved.</summary>
    /// <param name="bootId">This boot.</param>
    /// <param name="subjects">The node and the GPUs.</param>
    internal SavedGrowth Save(string bootId, IReadOnlyList<WatchedSubject> subjects)
    {
        List<SavedCounters> counters = [];
        List<SavedWindow> windows = [];
        var room = MostCounters;
        foreach (var subject in subjects)
        {
            var (last, at, isRead) = (new Dictionary<string, double>(StringComparer.Ordinal), long.MinValue, false);
            foreach (var watch in subject.Watches)
            {
                var place = 0;
                foreach (var part in watch.Trigger.GrowthParts)
                {
                    isRead |= (part.Tiers & subject.Frame.Fresh) != 0;
                    foreach (var growth in part.Growths)
                    {
                        if (!double.IsFinite(growth.Last) || (last.Count >= room && !last.ContainsKey(growth.Series))) continue;
                        last[growth.Series] = growth.Last;
                        at = Math.Max(at, growth.LastAt);
                        if (windows.Count < MostWindows && Parts(growth) is { Length: > 0 } parts)
                            windows.Add(new SavedWindow(watch.Program.Rule.Name, watch.Program.Fingerprint, subject.Gpu?.Reference, subject.Gpu is null ? watch.Instance.Name : "", place, growth.Series, parts));
                    }
                    place++;
                }
            }
            room -= last.Count;
            if (last.Count > 0) counters.Add(new SavedCounters(subject.Gpu?.Reference, isRead ? null : Seconds(toUnixMicroseconds(at)), last));
        }
        // Who was not seen since the restart goes on from before it, should another one come first.
        SavedCounters[] waiting = [.. saved.Counters.Where(item => item.Last.Count <= room && !subjects.Any(subject => IsOf(item.Gpu, subject.Gpu) && counters.Exists(own => own.Gpu == subject.Gpu?.Reference)))];
        windows.AddRange(saved.Windows.Where(window => waiting.Any(item => item.Gpu == window.Gpu)).Take(MostWindows - windows.Count));
        return new SavedGrowth(bootId, [.. counters, .. waiting], windows);
    }

    // To the second, so that what did not change is saved as it was.
    private SavedPart[] Parts(SeriesGrowth growth) => [.. growth.Parts.Where(static part => double.IsFinite(part.Amount)).Select(part => new SavedPart(Seconds(toUnixMicroseconds(part.At)), part.Amount))];

    private static long Seconds(long unixMicroseconds) => unixMicroseconds / MicrosecondsPerSecond * MicrosecondsPerSecond;

    private static bool IsOf(GpuReference? named, GpuSubject? gpu) => named is null ? gpu is null : gpu is not null && GpuMatch.IsSame(gpu, named);
}
