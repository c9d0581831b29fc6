using System.Net.Http.Json;
using System.Text.Json;

namespace Monitoring.Tests.EndToEnd;

/// <summary>A real collector and real agents on simulated nodes that take captures, all of which a test may kill.</summary>
internal sealed class CaptureCluster : IAsyncDisposable
{
    /// <summary>A rule that needs no ten minutes: the shipped one of this name looks at a quarter of an hour.</summary>
    private static string QuickPowerBrake(bool control) => $$$"""
        rules:
          hw_power_brake:
            when: { time_share: { metric: 'gpu_throttle_active{reason="hw_power_brake"}', is: "> 0", over: 1s, share: "> 0.5" } }
            for: 0s
            clear_for: 1s
            capture: { duration: 2s, control: {{{(control ? "true" : "false")}}} }
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource end = new();
    private readonly HttpClient http = new() { Timeout = Eventually.Patience };
    private Task ticking = Task.CompletedTask;

    internal CaptureCluster(int nodes, int gpus, string settings, bool control = false)
    {
        Collector = new KillableCollector("captures.min_free_bytes=0");
        Agents = [.. Enumerable.Range(1, nodes).Select(number => new KillableAgent($"node-{number}", gpus, number, Collector.Address, settings: settings, rules: QuickPowerBrake(control)))];
    }

    internal KillableCollector Collector { get; }

    internal IReadOnlyList<KillableAgent> Agents { get; }

    internal async Task StartAsync()
    {
        await Collector.StartAsync();
        foreach (var agent in Agents) await agent.StartAsync();
        ticking = TickAsync();
        foreach (var agent in Agents)
            await UntilAsync($"{agent.Name} reads its GPUs", async () => (await agent.ReadAsync())?.Count(static sample => sample.Name == "gpu_power_watts") == agent.Node.Gpus.Count);
    }

    internal async Task<JsonElement> GetAsync(string path) => await http.GetFromJsonAsync<JsonElement>(new Uri(Collector.Address, path));

    internal async Task<JsonElement> PostAsync(string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(new Uri(Collector.Address, path), body);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    internal Task<string> TextAsync(string path) => http.GetStringAsync(new Uri(Collector.Address, path));

    internal Task<byte[]> BytesAsync(string path) => http.GetByteArrayAsync(new Uri(Collector.Address, path));

    /// <summary>Every capture that the collector knows.</summary>
    internal async Task<IReadOnlyList<JsonElement>> CapturesAsync(string query = "") =>
        [.. (await GetAsync($"/api/v1/captures?limit=1000{query}")).GetProperty("captures").EnumerateArray()];

    /// <summary>Waits until a condition holds; whoever does not answer, or not as expected, counts as "not yet".</summary>
    internal static Task UntilAsync(string what, Func<Task<bool>> condition) => Eventually.HoldsAsync(what, async () =>
    {
        try
        {
            return await condition();
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException or JsonException)
        {
            return false;
        }
    }, Patience);

    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await ticking;
        foreach (var agent in Agents) await agent.DisposeAsync();
        await Collector.DisposeAsync();
        http.Dispose();
        end.Dispose();
    }

    /// <summary>The simulated hardware lives in real time, as its readers do.</summary>
    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(Step);
        try
        {
            while (await timer.WaitForNextTickAsync(end.Token))
                foreach (var agent in Agents) agent.Node.Advance(Step);
        }
        catch (OperationCanceledException)
        {
        }
    }
}
