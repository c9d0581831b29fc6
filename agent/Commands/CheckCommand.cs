using System.CommandLine;
using System.Net;
using System.Text.Json;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Health;
using Monitoring.Agent.Exposition.Api;

namespace Monitoring.Agent.Commands;

/// <summary>
/// <c>gpu-agent check</c>: asks the agent of this node how it is. Exit code 0 passes, 1 is degraded (with <c>--fail-on degraded</c>),
/// 2 unhealthy, 3 cannot tell: for a Slurm prolog or epilog, a readiness probe, a person.
/// </summary>
internal static class CheckCommand
{
    private const int AnswerBytesAtMost = 16 << 20;

    private static readonly Option<string?> UrlOption = new("--url") { Description = "The agent to ask, such as http://127.0.0.1:9460; without it, the one of the configuration." };
    private static readonly Option<string> GpusOption = new("--gpus") { Description = "GPUs to look at: indexes and UUIDs (0,2-3,GPU-9221d5d1), all, none, or env for those of SLURM_JOB_GPUS, SLURM_STEP_GPUS, CUDA_VISIBLE_DEVICES or NVIDIA_VISIBLE_DEVICES.", DefaultValueFactory = static _ => "all" };
    private static readonly Option<string> ComponentsOption = new("--components") { Description = "Components to look at, such as memory,pcie; without it, all.", DefaultValueFactory = static _ => "" };
    private static readonly Option<string> FailOnOption = new("--fail-on") { Description = "The least state that fails.", DefaultValueFactory = static _ => "unhealthy" };
    private static readonly Option<string> MaximumAgeOption = new("--max-age") { Description = "How old health and readings may be.", DefaultValueFactory = static _ => "30s" };
    private static readonly Option<string> TimeoutOption = new("--timeout") { Description = "How long the agent may take to answer.", DefaultValueFactory = static _ => "5s" };
    private static readonly Option<string> UnreachableOption = new("--when-unreachable") { Description = "What an agent that does not answer means.", DefaultValueFactory = static _ => "fail" };
    private static readonly Option<bool> JsonOption = new("--json") { Description = "Prints the outcome as JSON." };

    internal static Command Create()
    {
        FailOnOption.AcceptOnlyFromAmong("unhealthy", "degraded");
        UnreachableOption.AcceptOnlyFromAmong("fail", "pass");
        var command = new Command("check", "Asks the agent whether this node may get work: exit code 0 yes, 1 degraded, 2 unhealthy, 3 cannot tell.")
        {
            UrlOption, GpusOption, ComponentsOption, FailOnOption, MaximumAgeOption, TimeoutOption, UnreachableOption, JsonOption,
        };
        command.SetAction(static (parsed, stop) => RunAsync(parsed, TimeProvider.System, stop));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, TimeProvider time, CancellationToken stop)
    {
        if (Demand(parsed) is not { } demand || Duration(parsed, TimeoutOption) is not { } timeout) return Program.WrongUsage;
        if (Address(parsed, out var code) is not { } address) return code;
        CheckResult result;
        try
        {
            var node = await AskAsync(address, timeout, stop).ConfigureAwait(false);
            result = HealthCheck.Judge(node, demand, time.GetUtcNow());
        }
        catch (Exception fault)
        {
            // Whatever it is, even a fault of this program: an exit code of its own making would be taken for an answer.
            var why = fault is OperationCanceledException ? $"no answer within {timeout.TotalSeconds} s" : fault.Message;
            var passes = parsed.GetValue(UnreachableOption) == "pass";
            result = new CheckResult(passes ? CheckVerdict.Pass : CheckVerdict.CannotTell, "", 0, [],
                [$"the agent at {address} cannot be asked: {why.TrimEnd('.')}. Is it running (systemctl status gpu-agent), and is its port this one (--url)?"]);
        }
        Print(result, parsed.GetValue(JsonOption));
        return result.ExitCode;
    }

    private static void Print(CheckResult result, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(result, CheckJson.Readable.CheckResult));
            return;
        }
        foreach (var reason in result.Reasons) Console.Out.WriteLine(reason);
        foreach (var doubt in result.Doubts) Console.Error.WriteLine($"cannot tell: {doubt}");
        if (result is { Reasons: [], Doubts: [] }) Console.Out.WriteLine($"healthy: node {result.Node}, {result.Gpus} GPU{(result.Gpus == 1 ? "" : "s")}");
    }

    private static async Task<NodeHealth> AskAsync(Uri address, TimeSpan timeout, CancellationToken stop)
    {
        // A proxy of the environment is none of a node's own.
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = timeout, MaxResponseContentBufferSize = AnswerBytesAtMost };
        using var answer = await http.GetAsync(new Uri(address, LocalApiRoutes.Health), stop).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.NotFound) throw new HttpRequestException($"it knows no {LocalApiRoutes.Health}; it is no gpu-agent, or an older one");
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false);
        return JsonSerializer.Deserialize(body, ApiJson.Default.NodeHealth) is { Gpus: not null, Components: not null } node ? node : throw new JsonException("its answer is no health");
    }

    private static CheckDemand? Demand(ParseResult parsed)
    {
        if (GpuSelection.Parse(parsed.GetValue(GpusOption)!, Environment.GetEnvironmentVariable, out var error) is not { } gpus)
        {
            Console.Error.WriteLine(error);
            return null;
        }
        var components = parsed.GetValue(ComponentsOption)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (components.FirstOrDefault(static component => !Components.All.Contains(component)) is { } unknown)
        {
            Console.Error.WriteLine($"--components has '{unknown}', expected some of {string.Join(",", Components.All)}");
            return null;
        }
        var failOn = parsed.GetValue(FailOnOption) == "degraded" ? HealthState.Degraded : HealthState.Unhealthy;
        return Duration(parsed, MaximumAgeOption) is { } age ? new CheckDemand(gpus, components, failOn, age) : null;
    }

    private static TimeSpan? Duration(ParseResult parsed, Option<string> option)
    {
        var text = parsed.GetValue(option)!;
        if (Settings.Values.Duration.TryParse(text, out var duration) && duration > TimeSpan.Zero) return duration;
        Console.Error.WriteLine($"{option.Name} is '{text}', expected a duration such as {option.GetDefaultValue()}");
        return null;
    }

    /// <summary>The agent to ask; null after what is wrong was printed.</summary>
    private static Uri? Address(ParseResult parsed, out int code)
    {
        code = Program.WrongUsage;
        if (parsed.GetValue(UrlOption) is { } url)
        {
            if (Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https") return address;
            Console.Error.WriteLine($"--url is '{url}', expected a URL such as http://127.0.0.1:9460");
            return null;
        }
        code = Configuration.IsWrong;
        return Configuration.Load(parsed)?.LocalAddress;
    }
}
