using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Exposition.Api;

namespace Monitoring.Agent.Commands;

/// <summary><c>gpu-agent captures</c>: where captures stand on this node, and what profilers can do.</summary>
internal static class CapturesCommand
{
    private static readonly Option<string?> UrlOption = LocalAgent.UrlOption();
    private static readonly Option<bool> JsonOption = new("--json") { Description = "Prints what the agent answers, as JSON." };

    internal static Command Create()
    {
        var command = new Command("captures", "Shows the captures of this node, and what each profiler can do and why not.") { UrlOption, JsonOption };
        command.SetAction(static (parsed, stop) => RunAsync(parsed, stop));
        return command;
    }

    /// <summary>The list for people.</summary>
    internal static string Text(CaptureList list)
    {
        var text = new StringBuilder();
        foreach (var profiler in list.Profilers)
            text.Append(CultureInfo.InvariantCulture, $"profiler {profiler.Profiler}{(profiler.Version is { } version ? " " + version : "")}: {(profiler.Can ? "" : $"cannot ({CaptureWords.Of(profiler.Refusal ?? Contracts.Captures.CaptureRefusal.ProfilerMissing)}): ")}{profiler.Words}\n");
        CaptureEntry[] all = [.. list.Queued.Concat(list.Running).Concat(list.Finished).Concat(list.Refused).OrderBy(static entry => entry.RequestedAt)];
        if (all is []) text.Append("no captures\n");
        foreach (var entry in all)
        {
            var gpus = entry.Target.Gpus.Count + entry.Target.Uuids.Count == 0 ? "every GPU" : $"GPU {string.Join(", ", entry.Target.Gpus.Select(static gpu => gpu.ToString(CultureInfo.InvariantCulture)).Concat(entry.Target.Uuids))}";
            text.Append(CultureInfo.InvariantCulture, $"{entry.RequestedAt:yyyy-MM-ddTHH:mm:ssZ} {entry.Id} {CaptureWords.Of(entry.Progress.Stage)}, {gpus}, {entry.Trigger.Kind} {entry.Trigger.Name}: {entry.Progress.Words}\n");
        }
        return text.ToString();
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        using var agent = LocalAgent.Of(parsed, UrlOption, out var code);
        if (agent is null) return code;
        try
        {
            var list = await agent.GetAsync(CapturesEndpoint.Path, ApiJson.Default.CaptureList, stop).ConfigureAwait(false);
            Console.Out.Write(parsed.GetValue(JsonOption) ? JsonSerializer.Serialize(list, ApiJson.Readable.CaptureList) + "\n" : Text(list));
            return CommandExit.Success;
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException or OperationCanceledException)
        {
            Console.Error.WriteLine(agent.Trouble(fault));
            return CommandExit.Failure;
        }
    }
}
