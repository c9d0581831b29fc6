using System.Globalization;
using FluentAssertions;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>
/// Agents and the collector die by SIGKILL at random moments, their starts included, while nodes raise faults; at the end every fault
/// is one event. <c>scripts/test-sudden-death.sh --rounds N</c> sets the number of deaths.
/// </summary>
[CollectionDefinition(nameof(SuddenDeathTests))]
[Collection(nameof(SuddenDeathTests))]
public sealed class SuddenDeathTests(ITestOutputHelper output)
{
    private const int Agents = 3;
    private const int Gpus = 4;

    // One death in this many is the collector's.
    private const int DeathsPerCollectorDeath = 4;

    private static readonly TimeSpan LongestLife = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    private int deathsLeft = int.TryParse(Environment.GetEnvironmentVariable("SUDDEN_DEATH_ROUNDS"), CultureInfo.InvariantCulture, out var rounds) ? rounds : 20;

    [Fact]
    public async Task Every_fault_is_one_event_whoever_dies_when()
    {
        var (began, deaths) = (TimeProvider.System.GetTimestamp(), deathsLeft);
        await using var collector = new KillableCollector();
        await collector.StartAsync();
        var agents = Enumerable.Range(1, Agents).Select(number => new KillableAgent($"node-{number}", Gpus, number, collector.Address)).ToList();
        try
        {
            using var end = new CancellationTokenSource();
            var raisers = agents.Select(static (agent, index) => new FaultRaiser(agent.Node, index)).ToList();
            var raising = raisers.ConvertAll(raiser => Task.Run(() => raiser.RunAsync(end.Token)));
            await Task.WhenAll([KillCollectorAsync(collector), .. agents.Select((agent, index) => KillAsync(agent, new Random(index)))]);
            await end.CancelAsync();
            await Task.WhenAll(raising);

            foreach (var (agent, raiser) in agents.Zip(raisers)) await UntilCountedAsync(agent, raiser);
            var known = await UntilShippedAsync(agents, raisers, collector);
            foreach (var (agent, raiser) in agents.Zip(raisers))
            {
                var journal = agent.ReadJournal();
                ShouldBeOnce(journal, raiser, $"the journal of {agent.Name}");
                var shipped = known.Where(record => record.Node == agent.Name).ToList();
                ShouldBeOnce(shipped, raiser, $"the collector's events of {agent.Name}");
                shipped.Select(static record => record.Id).Should().BeEquivalentTo(journal.Select(static record => record.Id));
            }
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{deaths} deaths, {raisers.Sum(static raiser => raiser.Raised.Count)} XIDs, {known.Count} events, {TimeProvider.System.GetElapsedTime(began).TotalSeconds:F0} s"));
        }
        finally
        {
            foreach (var agent in agents)
            {
                if (await agent.KillAsync() is { Length: > 0 } said) output.WriteLine($"{agent.Name} said: {said}");
                await agent.DisposeAsync();
            }
        }
    }

    private async Task KillAsync(KillableAgent agent, Random random)
    {
        await agent.StartAsync();
        while (Interlocked.Decrement(ref deathsLeft) >= 0)
        {
            await Task.Delay(LongestLife * random.NextDouble(), TimeProvider.System);
            agent.HasExited.Should().BeFalse();
            (await agent.KillAsync()).Should().NotContain("damaged").And.NotContain("fault of the agent");
            await agent.StartAsync();
        }
    }

    private async Task KillCollectorAsync(KillableCollector collector)
    {
        var random = new Random(Agents);
        for (var left = deathsLeft / DeathsPerCollectorDeath; left > 0 && Interlocked.Decrement(ref deathsLeft) >= 0; left--)
        {
            await Task.Delay(LongestLife * random.NextDouble(), TimeProvider.System);
            (await collector.KillAsync()).Should().NotContain("damaged");
            await collector.StartAsync();
        }
    }

    private static void ShouldBeOnce(List<EventRecord> events, FaultRaiser raiser, string where)
    {
        events.Select(static record => record.Id).Should().OnlyHaveUniqueItems(where);
        var xids = events.Where(static record => record.Kind == EventKinds.Xid).ToList();
        // The kernel's line names the process. What the driver's queue told first has no line: it stands for one of those that are left.
        var named = xids.Where(static record => record.Process is not null).ToList();
        named.Select(static record => record.Process!.Pid).Should().OnlyHaveUniqueItems(where);
        var raised = raiser.Raised.ToDictionary(static xid => xid.Pid);
        foreach (var record in named)
        {
            raised.Remove(record.Process!.Pid, out var xid).Should().BeTrue(where);
            (record.Gpu!.Index!.Value, record.Code!.Value).Should().Be((xid!.Gpu, xid.Code), where);
        }
        xids.Where(static record => record.Process is null).Select(static record => (record.Gpu!.Index!.Value, record.Code!.Value))
            .Order().Should().Equal(raised.Values.Select(static xid => (xid.Gpu, xid.Code)).Order(), where);
        events.Where(static record => record.Kind == EventKinds.Sxid).Select(static record => record.Code).Should().BeEquivalentTo(Enumerable.Range(20000, raiser.Sxids), where);
    }

    /// <summary>Waits until the agent counts as many XIDs as were raised; each GPU and code by itself.</summary>
    private static async Task UntilCountedAsync(KillableAgent agent, FaultRaiser raiser)
    {
        string[] raised = [.. raiser.Raised.GroupBy(static xid => (xid.Gpu, xid.Code)).Select(static group => Count(Text(group.Key.Gpu), Text(group.Key.Code), group.Count())).Order(StringComparer.Ordinal)];
        string[] counted = [];
        await Eventually.HoldsAsync(() => $"{agent.Name} counts what was raised: {string.Join(", ", counted.Except(raised))} in place of {string.Join(", ", raised.Except(counted))}", async () =>
        {
            if (await agent.ReadAsync() is not { } page) return false;
            counted = [.. page.Where(static sample => sample is { Name: "gpu_xid_events_total", Value: > 0 })
                .Select(static sample => Count(sample.Labels["gpu"], sample.Labels["xid"], sample.Value)).Order(StringComparer.Ordinal)];
            return counted.SequenceEqual(raised);
        }, Patience);
    }

    private static string Count(string gpu, string code, double count) => string.Create(CultureInfo.InvariantCulture, $"GPU {gpu} XID {code}: {count}");

    /// <summary>Waits until the collector has as many XIDs of each agent as were raised, and nothing waits at any of them.</summary>
    /// <returns>What it has in the end: which is missing is said by whoever compares.</returns>
    private async Task<List<EventRecord>> UntilShippedAsync(List<KillableAgent> agents, List<FaultRaiser> raisers, KillableCollector collector)
    {
        using var ticks = new PeriodicTimer(Tick);
        for (var began = TimeProvider.System.GetTimestamp(); ; await ticks.WaitForNextTickAsync())
        {
            var waiting = new double[agents.Count];
            for (var at = 0; at < agents.Count; at++)
                waiting[at] = (await agents[at].ReadAsync())?.FirstOrDefault(static sample => sample.Name == "gpu_sink_queue_length" && sample.Labels["sink"] == "events")?.Value ?? 1;
            var known = await collector.ReadEventsAsync();
            int[] shipped = [.. agents.Select(agent => known.Count(record => record.Kind == EventKinds.Xid && record.Node == agent.Name))];
            if (waiting.Sum() == 0 && shipped.Zip(raisers).All(static pair => pair.First >= pair.Second.Raised.Count)) break;
            if (TimeProvider.System.GetElapsedTime(began) < Patience) continue;
            output.WriteLine($"After {Patience}: {string.Join("; ", agents.Select((agent, at) => $"{agent.Name}: {waiting[at]} events wait, {shipped[at]} of {raisers[at].Raised.Count} XIDs came"))}");
            break;
        }
        // What is not there by now never comes; which it is, is said by whoever compares.
        foreach (var agent in agents) output.WriteLine($"{agent.Name} said: {await agent.KillAsync()}");
        return await collector.ReadEventsAsync();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
