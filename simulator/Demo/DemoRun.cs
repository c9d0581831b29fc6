using System.Globalization;
using System.Runtime.InteropServices;
using Monitoring.Contracts.Events;

namespace Monitoring.Simulator.Demo;

/// <summary>One demo from its start to its clean end.</summary>
internal sealed class DemoRun(DemoOptions options, TextWriter output, TimeProvider time)
{
    // As shells report a program that Ctrl-C ended: a timed demo that was cut short is no success.
    private const int ExitInterrupted = 130;

    private static readonly TimeSpan TableInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    // From the collector's store over a push and a scrape, two seconds each, to a query of Prometheus, on a busy machine.
    private static readonly TimeSpan ScrapePatience = TimeSpan.FromSeconds(8);
    private const int EventsShown = 6;
    private const int StagesOfACapture = 6;

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
            var searches = new DemoSearches(cluster.CollectorAddress, options.Elasticsearch, time.GetUtcNow());
            Say(string.Create(CultureInfo.InvariantCulture, $"Starting {options.NodeCount} nodes with {options.GpuCount} GPUs each ({options.Recording ?? options.Profile})"));
            await cluster.StartAsync(stop.Token);
            Say(Addresses(cluster, directory, searches));
            var missing = await RunAsync(cluster, searches, http, stop.Token);
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

    private async Task<IReadOnlyList<string>> RunAsync(DemoCluster cluster, DemoSearches searches, HttpClient http, CancellationToken stop)
    {
        var start = time.GetTimestamp();
        var verdict = cluster.PrometheusAddress is { } address
            ? new DemoVerdict(new PrometheusClient(http, address), options.NodeCount, options.GpuCount)
            : null;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var events = new EventClient(http, cluster.CollectorAddress);
        // A recording has its own incidents.
        var captures = new CaptureWatch(http, cluster.CollectorAddress, Say, time);
        var incidents = options.Recording is null ? new IncidentLoop(cluster, events, verdict, options.GpuCount, Say, time) : null;
        var death = cluster.AnyDeathAsync();
        var work = new[]
        {
            PrintTablesAsync(cluster, http, events, verdict, start, end.Token),
            captures.RunAsync(end.Token),
            incidents?.PlayAsync(end.Token) ?? Task.Delay(Timeout.InfiniteTimeSpan, time, end.Token),
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

        var missing = new List<string>();
        if (incidents is not null)
        {
            var all = await events.AllAsync(stop);
            missing.AddRange(EventVerdict.Wrong(all, incidents.Played, incidents.Touched));
            await captures.LookAsync(stop);
            missing.AddRange(CaptureWatch.Missing(all, captures.Ended, time.GetUtcNow()));
            Say(string.Create(CultureInfo.InvariantCulture, $"{captures.Ended.Count} captures are at the collector"));
            Say(string.Create(
                CultureInfo.InvariantCulture,
                $"{incidents.Played.Count(incident => incident.Event is not null)} of {incidents.Played.Count} incidents became an event at the collector within {EventVerdict.Patience.TotalSeconds:0} s"));
        }
        missing.AddRange(await new SearchVerdict(http, Say, time).MissingAsync(searches.Of(incidents?.Played ?? [], captures.Ended), stop));
        if (verdict is null)
        {
            Say("Prometheus was left out: it was not checked");
            return missing;
        }
        var elapsed = time.GetElapsedTime(start);
        missing.AddRange(await verdict.MissingAsync(elapsed, stop));
        if (incidents is not null)
            missing.AddRange(await verdict.UncountedAsync([.. incidents.Played.Where(incident => incident.Start + EventVerdict.Patience + ScrapePatience < time.GetUtcNow())], elapsed, stop));
        Say(await verdict.CountsAsync(elapsed, stop));
        return missing;
    }

    private async Task PrintTablesAsync(DemoCluster cluster, HttpClient http, EventClient events, DemoVerdict? verdict, long start, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TableInterval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var summaries = await Task.WhenAll(cluster.Nodes.Select(async node =>
                (node.Name, await SummaryAsync(http, $"http://{cluster.CollectorAddress}/nodes/{node.Name}/metrics", cancellationToken))));
            var table = LiveTable.Render(time.GetLocalNow(), summaries, options.GpuCount, await NewestAsync(events, cancellationToken));
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

    private static async Task<IReadOnlyList<EventRecord>> NewestAsync(EventClient events, CancellationToken cancellationToken)
    {
        try
        {
            // Where captures stand is told beside the table, once for each.
            return [.. (await events.NewestAsync(EventsShown * StagesOfACapture, cancellationToken)).Where(record => record.Kind != EventKinds.Capture).Take(EventsShown)];
        }
        catch (HttpRequestException)
        {
            // The nodes are worth seeing without them.
            return [];
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

    private static string Addresses(DemoCluster cluster, DemoDirectory directory, DemoSearches searches) =>
        string.Join(Environment.NewLine,
        [
            "Everything runs:",
            cluster.PrometheusAddress is { } address
                ? $"  Prometheus  http://{address}/graph?g0.expr=gpu_power_watts&g0.tab=0"
                : "  Prometheus  left out",
            $"  collector   http://{cluster.CollectorAddress}/metrics  (targets: http://{cluster.CollectorAddress}/sd/prometheus)",
            $"  pages       http://{cluster.CollectorAddress}/  (events, captures, logs)",
            $"  events      http://{cluster.CollectorAddress}/api/v1/events",
            $"  captures    http://{cluster.CollectorAddress}/api/v1/captures",
            .. cluster.Nodes.Select(node => $"  {node.Name}  http://{node.AgentAddress}/metrics  http://{cluster.CollectorAddress}/nodes/{node.Name}/metrics"),
            $"  logs        {directory.Inside("logs")}",
            .. searches.General.Select(static search => $"  {search}"),
            "Ctrl-C ends it.",
            "",
        ]);

    private void Say(string text)
    {
        lock (_output)
            output.WriteLine(text);
    }
}
