using System.Globalization;
using System.Runtime.InteropServices;

namespace Monitoring.Simulator.Demo;

/// <summary>One demo from its start to its clean end.</summary>
internal sealed class DemoRun(DemoOptions options, TextWriter output, TimeProvider time)
{
    // As shells report a program that Ctrl-C ended: a timed demo that was cut short is no success.
    private const int ExitInterrupted = 130;

    private static readonly TimeSpan TableInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _output = new();

    /// <summary>The exit code: 0 when it ended as asked and, with a duration, nothing was missing.</summary>
    public async Task<int> RunAsync()
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
        using var http = new HttpClient { Timeout = RequestTimeout };
        using var directory = DemoDirectory.Create(options.Directory);
        try
        {
            await using var cluster = new DemoCluster(options, directory, http, time);
            Say(string.Create(CultureInfo.InvariantCulture, $"Starting {options.NodeCount} nodes with {options.GpuCount} GPUs each ({options.Profile})"));
            await cluster.StartAsync(stop.Token);
            Say(Addresses(cluster, directory));
            var missing = await RunAsync(cluster, http, stop.Token);
            Say("Stopping");
            foreach (var sentence in missing)
                Say("missing: " + sentence);
            return missing.Count == 0 ? 0 : 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return options.Duration is null ? 0 : ExitInterrupted;
        }
        catch (DemoFailedException failure)
        {
            Say("error: " + failure.Message);
            return 1;
        }

        void Stop(PosixSignalContext context)
        {
            // The runtime would end the process at once.
            context.Cancel = true;
            Say("Stopping");
            stop.Cancel();
        }
    }

    private async Task<IReadOnlyList<string>> RunAsync(DemoCluster cluster, HttpClient http, CancellationToken stop)
    {
        var start = time.GetTimestamp();
        var verdict = cluster.PrometheusAddress is { } address
            ? new DemoVerdict(new PrometheusClient(http, address), options.NodeCount, options.GpuCount)
            : null;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var death = cluster.AnyDeathAsync();
        var work = new[]
        {
            PrintTablesAsync(cluster, http, verdict, start, end.Token),
            new IncidentLoop(cluster, options.GpuCount, Say, time).PlayAsync(end.Token),
        };
        var first = await Task.WhenAny([death, Task.Delay(options.Duration ?? Timeout.InfiniteTimeSpan, time, end.Token), .. work]);
        var judged = first != death && !stop.IsCancellationRequested && first.IsCompletedSuccessfully;
        await end.CancelAsync();
        foreach (var task in work)
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (first == death)
            throw new DemoFailedException(await death);
        if (!judged)
            await first;

        if (verdict is null)
        {
            Say("Prometheus was left out: nothing was checked");
            return [];
        }
        var missing = await verdict.MissingAsync(time.GetElapsedTime(start), stop);
        Say(await verdict.CountsAsync(time.GetElapsedTime(start), stop));
        return missing;
    }

    private async Task PrintTablesAsync(DemoCluster cluster, HttpClient http, DemoVerdict? verdict, long start, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TableInterval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var summaries = await Task.WhenAll(cluster.Nodes.Select(async node =>
                (node.Name, await SummaryAsync(http, $"http://{cluster.CollectorAddress}/nodes/{node.Name}/metrics", cancellationToken))));
            var table = LiveTable.Render(time.GetLocalNow(), summaries, options.GpuCount);
            if (verdict is null)
                Say(table);
            else
                Say($"{table}  {await CountsAsync(verdict, time.GetElapsedTime(start), cancellationToken)}{Environment.NewLine}");
        }
    }

    private static async Task<string> CountsAsync(DemoVerdict verdict, TimeSpan within, CancellationToken cancellationToken)
    {
        try
        {
            return await verdict.CountsAsync(within, cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            // A table without this line is still worth seeing; the verdict at the end does not forgive.
            return $"Prometheus did not answer: {failure.Message}";
        }
    }

    /// <summary>Null where the collector has no page for the node now.</summary>
    private static async Task<NodeSummary?> SummaryAsync(HttpClient http, string url, CancellationToken cancellationToken)
    {
        try
        {
            return NodeSummary.From(MetricsPage.Read(await http.GetStringAsync(new Uri(url), cancellationToken)));
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static string Addresses(DemoCluster cluster, DemoDirectory directory) =>
        string.Join(Environment.NewLine,
        [
            "Everything runs:",
            cluster.PrometheusAddress is { } address
                ? $"  Prometheus  http://{address}/graph?g0.expr=gpu_power_watts&g0.tab=0"
                : "  Prometheus  left out",
            $"  collector   http://{cluster.CollectorAddress}/metrics  (targets: http://{cluster.CollectorAddress}/sd/prometheus)",
            .. cluster.Nodes.Select(node => $"  {node.Name}  http://{node.AgentAddress}/metrics  http://{cluster.CollectorAddress}/nodes/{node.Name}/metrics"),
            $"  logs        {directory.Inside("logs")}",
            "Ctrl-C ends it.",
            "",
        ]);

    private void Say(string text)
    {
        lock (_output)
            output.WriteLine(text);
    }
}
