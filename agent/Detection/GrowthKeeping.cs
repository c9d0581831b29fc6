using System.Text.Json;
using Monitoring.Agent.Detection.Rules;

namespace Monitoring.Agent.Detection;

/// <summary>
/// Keeps in the journal how far counters had come that rules watch for growth, so that what they count while the agent is away is
/// growth too. Within one boot only: another one begins at 0. Counters that stand still, as they do on a sound node, are written once;
/// that they still stood there is a mark of its own, a few bytes a minute.
/// </summary>
/// <param name="bootId">This boot; empty, where it is not known, keeps nothing.</param>
internal sealed class GrowthKeeping(RuleEngine rules, IEventJournal journal, string bootId, TimeProvider time)
{
    /// <summary>Counters that grow all the time are written so often: all of them are some kilobytes, and the journal is for events.</summary>
    internal static readonly TimeSpan KeepInterval = TimeSpan.FromMinutes(10);

    /// <summary>How long the mark may be old: what is away for longer than the window of a rule is no growth for it.</summary>
    internal static readonly TimeSpan MarkInterval = TimeSpan.FromMinutes(1);

    private const string StateName = "rule_growth";
    private const string MarkName = "rule_growth_stood";
    private const string AtProperty = "at";

    private string kept = "";
    private long? keptAt;
    private long? markedAt;

    /// <summary>Goes on from what was kept; before the rules are used.</summary>
    internal void Restore()
    {
        if (bootId.Length == 0 || journal.State(StateName) is not { } state || SavedGrowth.Read(state) is not { } saved || saved.BootId != bootId) return;
        if (journal.State(MarkName) is not { ValueKind: JsonValueKind.Object } mark || !mark.TryGetProperty(AtProperty, out var at) || at.ValueKind != JsonValueKind.Number || !at.TryGetInt64(out var stood)) return;
        rules.Restore(saved with { Counters = [.. saved.Counters.Select(item => item with { At = item.At ?? stood })] });
    }

    /// <summary>Keeps what changed, where it is due; to be called about once a minute.</summary>
    /// <param name="isLast">Everything is due: the agent ends.</param>
    internal void Keep(bool isLast = false)
    {
        // While nothing is read, what was kept before says more.
        if (bootId.Length == 0 || rules.SaveGrowth() is not { } growth || !growth.Counters.Any(static item => item.At is null)) return;
        var state = JsonSerializer.SerializeToElement(growth, SavedGrowthJson.Default.SavedGrowth);
        var text = state.GetRawText();
        if (text != kept)
        {
            // Until it is written the mark stays where it is: since then something may have grown.
            if (!isLast && !IsDue(keptAt, KeepInterval)) return;
            journal.AppendState(StateName, state);
            (kept, keptAt) = (text, time.GetTimestamp());
        }
        else if (!isLast && !IsDue(markedAt, MarkInterval))
        {
            return;
        }
        markedAt = time.GetTimestamp();
        journal.AppendState(MarkName, Mark());
    }

    private bool IsDue(long? before, TimeSpan interval) => before is not { } at || time.GetElapsedTime(at) >= interval;

    private JsonElement Mark()
    {
        using var document = JsonDocument.Parse(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{{\"{AtProperty}\":{WallClock.ToUnixMicroseconds(time.GetUtcNow())}}}"));
        return document.RootElement.Clone();
    }
}
