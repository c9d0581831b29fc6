using FluentAssertions;
using FluentAssertions.Execution;
using Monitoring.Tests.Dashboards.Prometheus;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>Every shipped alert has a cause that is played, and comes to the webhook.</summary>
[CollectionDefinition(nameof(AlertRoadTests), DisableParallelization = true)]
[Collection(nameof(AlertRoadTests))]
public sealed class AlertRoadTests(ITestOutputHelper output)
{
    /// <summary>Healthy load before the first incident.</summary>
    private static readonly TimeSpan HealthyTime = TimeSpan.FromSeconds(15);

    /// <summary>For each wave; generous for a busy machine, since a wave that has done its work ends at once.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    private static readonly TimeSpan WholeRun = TimeSpan.FromHours(1);

    private static readonly string[] OfAgentsThatDie = ["GpuAgentAbsent", "GpuAgentDown", "GpuAgentRestarting", "GpuCommandsExpired", "GpuEventSourceDown", "GpuJournalDamaged", "GpuNodeNameConflict"];
    private static readonly string[] OfTheWatch = ["GpuCapturesWaiting", "GpuCaptureDiskShort", "GpuCollectorRejecting", "GpuEventsLost", "GpuEventsRefused", "GpuMissing", "GpuNodeClockSkew", "GpuProbeStuck", "GpuRulesNotLoaded", .. ScriptedPage.Alerts];
    private static readonly string[] OfTheCollector = ["GpuCollectorDown", "GpuNodeSinkStalled", "GpuSinkStalled"];

    private static IEnumerable<string> OfTheHardware => ShippedRules.Names.Except([.. OfAgentsThatDie, .. OfTheWatch, .. OfTheCollector]);

    [Fact]
    public async Task Every_alert_is_caused_and_comes_to_the_webhook()
    {
        // A run is long: it shall say all that is wrong.
        using var all = new AssertionScope();
        await using var cluster = new AlertCluster();
        var incidents = new AlertIncidents(cluster);
        cluster.Receiver.Page = ScriptedPage.Before;
        await cluster.StartAsync();
        incidents.Prepare();
        await SoundAsync(cluster);

        await incidents.BreakHardwareAsync();
        (await cluster.HoldsAsync(Patience, async () => (await cluster.SeriesAsync("gpu_info{node=\"node-4\"} offset 2s")).Count > 0)).Should().BeTrue("the fourth node joins");
        incidents.BreakFourth();
        await FireAsync(cluster, "hardware", OfTheHardware);

        incidents.Repair();
        await incidents.DisturbWatchAsync();
        await FireAsync(cluster, "the watch", OfTheWatch, cluster.PushNonsenseAsync);
        var asked = await cluster.AskedByAlertsAsync();
        output.WriteLine($"captures asked for by alerts: {string.Join("; ", asked)}");
        asked.Should().Contain(static one => one.Contains("\"outcome\":\"accepted\"", StringComparison.Ordinal), "Alertmanager makes the collector order a capture");

        await incidents.KillAgentsAsync(Patience);
        await using (var second = cluster.Double("node-2"))
        {
            await second.StartAsync();
            await FireAsync(cluster, "agents", OfAgentsThatDie);
        }

        await incidents.KillCollectorAsync(Patience);
        await FireAsync(cluster, "the collector", OfTheCollector, isNew: true);
        await CheckAsync(cluster);
    }

    [Fact]
    public void The_page_says_which_alerts_are_not_fired_by_the_product_itself() =>
        File.ReadAllText(RepositoryRoot.Combine("docs", "alerts.md")).Should().Contain($"a scripted page: {string.Join(", ", ScriptedPage.Alerts)}.");

    /// <summary>At full, power-capped load nothing but the dead man's switch fires.</summary>
    private static async Task SoundAsync(AlertCluster cluster)
    {
        (await cluster.HoldsAsync(Patience, async () => (await cluster.SeriesAsync("node:gpu_agent_build_info:present offset 4s")).Count == 3)).Should().BeTrue("three nodes are seen");
        (await cluster.HoldsAsync(Patience, async () => (await cluster.SeriesAsync("gpu_throttle_active{reason=\"sw_power_cap\"} == 1")).Count > 0)).Should().BeTrue("the load is power-capped");
        await cluster.HoldsAsync(HealthyTime, static () => Task.FromResult(false));
        (await cluster.FiredAsync(WholeRun)).Should().Equal("Watchdog");
        cluster.Receiver.Received.Select(static alert => alert.Name).Distinct().Should().Equal("Watchdog");
    }

    /// <summary>Waits until alerts fired in Prometheus and came to the webhook, or were held back there; the check at the end says what did not.</summary>
    /// <param name="each">What is done again and again meanwhile.</param>
    /// <param name="isNew">Whether they count from now on only.</param>
    private async Task FireAsync(AlertCluster cluster, string what, IEnumerable<string> names, Func<Task>? each = null, bool isNew = false)
    {
        var began = TimeProvider.System.GetTimestamp();
        var known = isNew ? cluster.Receiver.Received.Count : 0;
        string[] missing = [.. names];
        await cluster.HoldsAsync(Patience, async () =>
        {
            if (each is not null) await each();
            var fired = await cluster.FiredAsync(isNew ? TimeProvider.System.GetElapsedTime(began) : WholeRun);
            var come = cluster.Receiver.Received.Skip(known).Where(static alert => alert.IsFiring).Select(static alert => alert.Name).ToHashSet(StringComparer.Ordinal);
            missing = [.. names.Where(name => !fired.Contains(name) || !(come.Contains(name) || cluster.Suppressed.Contains(name)))];
            return missing.Length == 0;
        });
        output.WriteLine($"{what}: {TimeProvider.System.GetElapsedTime(began).TotalSeconds:F0} s");
        missing.Should().BeEmpty($"{what} shall fire them");
    }

    private async Task CheckAsync(AlertCluster cluster)
    {
        var own = await cluster.FiredAsync(WholeRun, $",cluster!=\"{ScriptedPage.Cluster}\"");
        var scripted = await cluster.FiredAsync(WholeRun, $",cluster=\"{ScriptedPage.Cluster}\"");
        var received = cluster.Receiver.Received;
        var come = received.Where(static alert => alert.IsFiring).Select(static alert => alert.Name).ToHashSet(StringComparer.Ordinal);
        var over = received.Where(static alert => !alert.IsFiring).Select(static alert => alert.Name).Distinct().Order(StringComparer.Ordinal).ToArray();
        output.WriteLine($"by the product's own processes: {string.Join(", ", own.Order(StringComparer.Ordinal))}");
        output.WriteLine($"by a scripted page: {string.Join(", ", scripted.Order(StringComparer.Ordinal))}");
        output.WriteLine($"held back by another: {string.Join(", ", cluster.Suppressed.Except(come).Order(StringComparer.Ordinal))}");
        output.WriteLine($"over again: {string.Join(", ", over)}");

        own.Should().Contain(ShippedRules.Names.Except(ScriptedPage.Alerts)).And.BeSubsetOf(ShippedRules.Names);
        scripted.Should().BeEquivalentTo(ScriptedPage.Alerts);
        come.Union(cluster.Suppressed).Should().BeEquivalentTo(ShippedRules.Names);
        over.Should().Contain(["GpuHwPowerBrake", "InfinibandPortDown", "NodeServiceStopped"]);
        foreach (var alert in received)
        {
            alert.Labels.Should().ContainKey("severity", alert.Name);
            alert.Annotations["runbook_url"].Should().EndWith($"/runbooks/{alert.Name}");
            alert.Receiver.Should().Be(alert.Name == "Watchdog" ? "dead-man" : alert.Labels["severity"] switch { "critical" => "pager", "info" => "dashboard-only", _ => "tickets" }, alert.Name);
        }
        var without =
            from alert in ShippedRules.Alerts
            where come.Contains(alert.Definition.Name)
            from label in LabelsOf(alert.Definition.Scope.ToString())
            where !received.Any(one => one.Name == alert.Definition.Name && one.Labels.ContainsKey(label))
            select $"{alert.Definition.Name} without {label}";
        without.Should().BeEmpty();
    }

    private static string[] LabelsOf(string scope) => scope switch
    {
        "Gpu" => ["cluster", "node", "gpu"],
        "Node" or "Agent" => ["cluster", "node"],
        _ => [],
    };
}
