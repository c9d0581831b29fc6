using System.CommandLine;
using System.Text.Json;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Exposition.Api;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Commands;

/// <summary><c>gpu-agent capture</c>: asks the agent of this node for a capture. Exit code 0 accepted (with <c>--wait</c>: done), 1 refused or failed.</summary>
internal static class CaptureCommand
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    private static readonly Option<string?> UrlOption = LocalAgent.UrlOption();
    private static readonly Option<string[]> GpuOption = new("--gpu") { Description = "Index or UUID of a GPU, any number of times; without it, every GPU.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string?> DurationOption = new("--duration") { Description = "How long to record, such as 5s; without it, as the agent is set." };
    private static readonly Option<string[]> ProfilerOption = new("--profiler") { Description = $"Profilers in order of preference: {string.Join(", ", ProfilerNames.All.Where(static name => name != ProfilerNames.Ncu))}; without it, the agent chooses.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string?> JobOption = new("--job") { Description = "Only GPUs that this job uses, such as a Slurm job id." };
    private static readonly Option<string?> ReasonOption = new("--reason") { Description = "Why, for the record." };
    private static readonly Option<bool> ControlOption = new("--control") { Description = "Takes a sound GPU of the same job as well, to compare with." };
    private static readonly Option<bool> CpuOption = new("--cpu-sampling") { Description = "Samples the processors too; costs the workload more." };
    private static readonly Option<bool> PinOption = new("--pin") { Description = "Keeps the bundle whatever the limits say." };
    private static readonly Option<bool> WaitOption = new("--wait") { Description = "Waits until it is over, printing where it stands." };

    internal static Command Create()
    {
        var command = new Command("capture", "Asks the agent of this node for a capture: counters at full rate, and a profile where a profiler can.")
        {
            UrlOption, GpuOption, DurationOption, ProfilerOption, JobOption, ReasonOption, ControlOption, CpuOption, PinOption, WaitOption,
        };
        command.SetAction(static (parsed, stop) => RunAsync(parsed, TimeProvider.System, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, TimeProvider time, CancellationToken stop)
    {
        using var agent = LocalAgent.Of(parsed, UrlOption, out var code);
        if (agent is null) return code;
        try
        {
            var asked = await agent.PostAsync(CapturesEndpoint.Path, Wish(parsed), ApiJson.Default.CaptureWish, ApiJson.Default.CaptureAsked, stop).ConfigureAwait(false);
            Console.Out.WriteLine(asked.Words);
            if (asked.Refusal is not null) return CommandExit.Failure;
            return parsed.GetValue(WaitOption) ? await FollowAsync(agent, asked.Id, time, stop).ConfigureAwait(false) : CommandExit.Success;
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException or OperationCanceledException)
        {
            Console.Error.WriteLine(agent.Trouble(fault));
            return CommandExit.Failure;
        }
    }

    private static async Task<int> FollowAsync(LocalAgent agent, string id, TimeProvider time, CancellationToken stop)
    {
        var said = "";
        while (true)
        {
            var entry = await agent.GetAsync($"{CapturesEndpoint.Path}/{id}", ApiJson.Default.CaptureEntry, stop).ConfigureAwait(false);
            var words = entry.Progress.Words.Length > 0 ? entry.Progress.Words : CaptureWords.Of(entry.Progress.Stage);
            if (entry.Progress.IsOver) words = $"{CaptureWords.Of(entry.Progress.Stage)}: {words}";
            if (words != said) Console.Out.WriteLine(said = words);
            if (entry.Progress.IsOver) return entry.Progress.Stage == CaptureStage.Done ? CommandExit.Success : CommandExit.Failure;
            await Task.Delay(LookInterval, time, stop).ConfigureAwait(false);
        }
    }

    private static CaptureWish Wish(ParseResult parsed) => new(
        Gpus: [.. (parsed.GetValue(GpuOption) ?? []).Select(static gpu => (JsonElement?)JsonSerializer.SerializeToElement(gpu, ApiJson.Default.String))],
        Job: parsed.GetValue(JobOption), Duration: parsed.GetValue(DurationOption), Profilers: parsed.GetValue(ProfilerOption) ?? [], CpuSampling: parsed.GetValue(CpuOption), Control: parsed.GetValue(ControlOption),
        Pinned: parsed.GetValue(PinOption), Who: Environment.UserName.Length > 0 ? Environment.UserName : "unknown", Reason: parsed.GetValue(ReasonOption));
}
