using System.CommandLine;
using System.Net;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;

namespace Monitoring.Cli;

/// <summary><c>gpuctl capture</c>: takes captures, and with <c>--wait</c> shows how they go on until they are over.</summary>
internal static class CaptureCommand
{
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromMinutes(15);

    internal static Command Create(Session session)
    {
        var nodes = new Option<string[]>("--node") { Description = "Node to capture; may be repeated, * and ? stand for any of the connected ones.", HelpName = "NODE" };
        var gpus = new Option<int[]>("--gpu") { Description = "Index of a GPU; may be repeated. Without it every GPU.", HelpName = "INDEX" };
        var uuids = new Option<string[]>("--uuid") { Description = "UUID of a GPU; may be repeated.", HelpName = "UUID" };
        var job = new Option<string?>("--job") { Description = "Only the GPUs of this job, on whatever nodes it runs.", HelpName = "ID" };
        var all = new Option<bool>("--all") { Description = "Every connected node." };
        var selector = new Option<string?>("--selector") { Description = "The same as one text: node=gpu-1*,gpu=3.", HelpName = "TEXT" };
        var pid = new Option<long?>("--pid") { Description = "Only this process of the node.", HelpName = "PID" };
        var duration = new Option<TimeSpan?>("--duration") { Description = "How long to record; 5s where nothing is said.", HelpName = "TIME", CustomParser = CommandLine.Duration };
        var profilers = new Option<string[]>("--profiler") { Description = $"Profiler, the preferred first; may be repeated: {string.Join(", ", ProfilerNames.All)}. Without it the node chooses.", HelpName = "NAME" };
        var reason = new Option<string?>("--reason") { Description = "Why, one line, for the capture and the audit.", HelpName = "TEXT" };
        var control = new Option<bool>("--control") { Description = "Take a healthy GPU of the same job as well, to compare." };
        var pin = new Option<bool>("--pin") { Description = "Keep what comes of it until it is unpinned." };
        var cpu = new Option<bool>("--cpu-sampling") { Description = "Sample the processors too; costs the job more." };
        var force = new Option<bool>("--force") { Description = "Take it though the cluster's budget is spent." };
        var wait = new Option<bool>("--wait") { Description = "Show how it goes on, and end when it is over." };
        var limit = new Option<TimeSpan?>("--timeout") { Description = "How long to wait at most; 15m where nothing is said.", HelpName = "TIME", CustomParser = CommandLine.Duration };
        var command = new Command("capture", "Takes captures: of a node, of GPUs, of a job, or of all.") { nodes, gpus, uuids, job, all, selector, pid, duration, profilers, reason, control, pin, cpu, force, wait, limit };
        command.SetAction((parsed, cancellationToken) => session.RunAsync(parsed, async client =>
        {
            var order = new CaptureOrder
            {
                Nodes = parsed.GetValue(nodes), Gpus = parsed.GetValue(gpus), Uuids = parsed.GetValue(uuids), Job = parsed.GetValue(job), All = parsed.GetValue(all), Selector = parsed.GetValue(selector), Pid = parsed.GetValue(pid),
                DurationSeconds = parsed.GetValue(duration)?.TotalSeconds, Profilers = parsed.GetValue(profilers), Reason = parsed.GetValue(reason), By = session.By(parsed), Control = parsed.GetValue(control),
                Pin = parsed.GetValue(pin), CpuSampling = parsed.GetValue(cpu), Force = parsed.GetValue(force),
            };
            var answer = await client.SendAsync(HttpMethod.Post, "api/v1/captures", order, OrderJson.Default.CaptureOrder, OrderJson.Readable.CaptureOrderAnswer, cancellationToken, HttpStatusCode.Conflict);
            var output = session.World.Out;
            foreach (var capture in answer.Captures)
                await output.WriteLineAsync(Words.Plain(capture.Refusal is { } refusal ? $"{capture.Node}: refused: {Words.Of(refusal)}: {capture.Words}" : $"{capture.Node}: {capture.Id}{(capture.ControlOf is { } victim ? $" (control of {victim})" : "")}"));
            var isAnyTaken = answer.Captures.Any(static capture => capture.Refusal is null);
            var isAnyRefused = answer.Captures.Any(static capture => capture.Refusal is not null);
            if (!parsed.GetValue(wait) || !isAnyTaken) return isAnyRefused ? ExitCodes.Refused : ExitCodes.Done;
            return await new ProgressLines(client, session.World).WatchAsync(answer.Group, parsed.GetValue(limit) ?? DefaultLimit, cancellationToken);
        }));
        return command;
    }
}
