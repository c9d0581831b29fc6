using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;

namespace Monitoring.Cli;

/// <summary>Shows how the captures of a group go on: a line whenever one of them says something new, until all are over.</summary>
internal sealed class ProgressLines(CollectorClient client, Surroundings world)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    // A collector that restarts is back within seconds, and captures go on meanwhile.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    /// <summary>Watches until all are over, or the time is.</summary>
    /// <returns>The exit code.</returns>
    internal async Task<int> WatchAsync(string group, TimeSpan limit, CancellationToken cancellationToken)
    {
        var shown = new Dictionary<string, string>(StringComparer.Ordinal);
        var begun = world.Time.GetTimestamp();
        var heard = begun;
        while (true)
        {
            if (await AskAsync(group, heard, cancellationToken) is { } found)
            {
                heard = world.Time.GetTimestamp();
                foreach (var member in found.Captures.Where(static member => member.Refusal is null)) await ShowAsync(member, shown);
                if (found.IsOver) return found.Captures.All(static member => member.Progress is { Stage: CaptureStage.Done }) ? ExitCodes.Done : ExitCodes.Refused;
            }

            if (world.Time.GetElapsedTime(begun) >= limit)
            {
                await world.Error.WriteLineAsync($"gpuctl: not over within {limit.TotalSeconds:0} s; the captures go on: gpuctl captures list");
                return ExitCodes.TimedOut;
            }

            await Task.Delay(Pause, world.Time, cancellationToken);
        }
    }

    /// <summary>A line about a capture: the node, and where it stands.</summary>
    internal static string Line(CaptureGroupMember member) => member.Progress is { } progress
        ? $"{Words.Plain(member.Node)}: {Plain(progress)}"
        : $"{member.Node}: requested";

    private static string Plain(CaptureProgress progress)
    {
        var stage = Words.Of(progress.Stage);
        var refusal = progress.Refusal is { } reason ? $"{Words.Of(reason)}: " : "";
        var words = Words.Plain(progress.Words);
        if (words.Length == 0) return progress.Fraction is { } fraction && !progress.IsOver ? $"{stage} {fraction * 100:0} %" : stage + (refusal.Length > 0 ? ": " + refusal.TrimEnd(':', ' ') : "");
        return words.StartsWith(stage, StringComparison.Ordinal) ? words : $"{stage}: {refusal}{words}";
    }

    private async Task ShowAsync(CaptureGroupMember member, Dictionary<string, string> shown)
    {
        var line = Line(member);
        if (shown.GetValueOrDefault(member.Id) == line) return;
        shown[member.Id] = line;
        await world.Out.WriteLineAsync(line);
    }

    private async Task<CaptureGroup?> AskAsync(string group, long heard, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetAsync($"api/v1/captures/groups/{group}", OrderJson.Readable.CaptureGroup, cancellationToken);
        }
        catch (CollectorException fault) when (fault.ExitCode == ExitCodes.Unreachable && world.Time.GetElapsedTime(heard) < LongestSilence)
        {
            return null;
        }
    }
}
