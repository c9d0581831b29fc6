using System.Text.Json;
using Monitoring.Agent.Exposition.Api;

namespace Monitoring.Agent.Doctor;

/// <summary>What the running agent's profilers can do here, and why not; the agent is asked, since what it may do counts.</summary>
internal sealed class ProfilersCheck : IDoctorCheck
{
    public string Name => "captures";

    public async Task<IReadOnlyList<Finding>> LookAsync(DoctorNode node, CancellationToken stop)
    {
        if (!node.Settings.Capture.Enabled) return [Finding.Information("captures are switched off (capture.enabled)")];
        try
        {
            var body = await node.LocalHttp.GetByteArrayAsync(new Uri(node.Settings.LocalAddress, CapturesEndpoint.Path), stop).ConfigureAwait(false);
            if (JsonSerializer.Deserialize(body, ApiJson.Default.CaptureList) is not { Profilers: { } profilers }) return [Finding.Warning("the agent's answer about captures is none", "see its log")];
            return
            [
                .. profilers.Select(static profiler => profiler.Can ? Finding.Ok($"{profiler.Profiler}{(profiler.Version is { } version ? " " + version : "")}: {profiler.Words}")
                    : Finding.Information($"{profiler.Profiler} cannot be used: {profiler.Words}")),
            ];
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException || (fault is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return [Finding.Information("no agent that answers could be asked what its profilers can do")];
        }
    }
}
