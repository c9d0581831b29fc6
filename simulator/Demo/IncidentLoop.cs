using System.Globalization;
using Monitoring.Contracts.Events;

namespace Monitoring.Simulator.Demo;

/// <summary>
/// Plays the programme's incidents one after another, each on another GPU, names them, and looks for what became of them at the
/// collector. Where there are several nodes the first is spared: there nothing may be found.
/// </summary>
internal sealed class IncidentLoop(DemoCluster cluster, EventClient events, DemoVerdict? verdict, int gpuCount, Action<string> say, TimeProvider time)
{
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(6);

    // A machine on which the first scrapes take longer than this has its incidents all the same; the verdict says what is missing.
    private static readonly TimeSpan ScrapePatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);

    private readonly List<PlayedIncident> _played = [];
    private readonly List<(string Node, int Gpu, DateTimeOffset Since)> _touched = [];

    /// <summary>The incidents whose event came, or did not come in time; read when playing has ended.</summary>
    public IReadOnlyList<PlayedIncident> Played => _played;

    /// <summary>Every GPU on which an incident was ordered.</summary>
    public IReadOnlyList<(string Node, int Gpu, DateTimeOffset Since)> Touched => _touched;

    public async Task PlayAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Lead, time, cancellationToken);
        await ScrapedAsync(cancellationToken);
        var victims = cluster.Nodes.Count == 1 ? cluster.Nodes : [.. cluster.Nodes.Skip(1)];
        for (var turn = 0; ; turn++)
        {
            var incident = DemoIncident.Programme[turn % DemoIncident.Programme.Count];
            await PlayAsync(incident, victims[turn % victims.Count], turn * 3 % gpuCount, cancellationToken);
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <summary>Until Prometheus has the zeroes: of a counter that it first sees at 1 it cannot tell that it grew.</summary>
    private async Task ScrapedAsync(CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (verdict is not null && time.GetElapsedTime(start) < ScrapePatience)
        {
            try
            {
                if (await verdict.HoldsXidCountersAsync(cancellationToken))
                    return;
            }
            catch (HttpRequestException)
            {
                // A busy Prometheus is asked again.
            }
            await Task.Delay(Poll, time, cancellationToken);
        }
    }

    private async Task PlayAsync(DemoIncident incident, DemoNode node, int gpu, CancellationToken cancellationToken)
    {
        var start = time.GetUtcNow();
        _touched.Add((node.Name, gpu, start));
        var victim = new PlayedIncident(incident, node, gpu, start, null).Victim;
        if (await cluster.InjectAsync(node, gpu, incident.Name, incident.Parameters, Duration) is { } refusal)
        {
            say($"incident {victim} was refused: {refusal}");
            return;
        }
        say(string.Create(CultureInfo.InvariantCulture, $">> incident {victim}, for {Duration.TotalSeconds:0} s: {incident.Meaning}"));
        var end = Task.Delay(Duration, time, cancellationToken);
        var found = await FindAsync(incident, node, gpu, start, cancellationToken);
        _played.Add(new PlayedIncident(incident, node, gpu, start, found));
        say(found is null
            ? string.Create(CultureInfo.InvariantCulture, $"   no event {incident} reached the collector within {EventVerdict.Patience.TotalSeconds:0} s")
            : string.Create(CultureInfo.InvariantCulture, $"   the collector has it after {(time.GetUtcNow() - start).TotalSeconds:0.0} s: {found.Title}"));
        await end;
        say($"<< incident {victim} has ended");
    }

    /// <summary>The event at the collector, or null where it does not come in time.</summary>
    private async Task<EventRecord?> FindAsync(DemoIncident incident, DemoNode node, int gpu, DateTimeOffset since, CancellationToken cancellationToken)
    {
        while (true)
        {
            // The last look is after the time, so that a collector that was slow to answer does not count against the event.
            var isLast = time.GetUtcNow() - since > EventVerdict.Patience;
            try
            {
                var found = (await events.OfNodeAsync(node.Name, cancellationToken)).LastOrDefault(record => incident.Fits(record, node, gpu, since));
                if (found is not null || isLast)
                    return found;
            }
            catch (HttpRequestException) when (!isLast)
            {
                // A busy collector is asked again.
            }
            await Task.Delay(Poll, time, cancellationToken);
        }
    }
}
