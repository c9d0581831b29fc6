using System.Globalization;
using System.Text;

namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>The alerts as a page for people: <c>docs/alerts.md</c>.</summary>
internal static class AlertDocument
{
    /// <summary>The page, in Markdown.</summary>
    /// <param name="directory">The path of <c>dashboards/</c>.</param>
    internal static string Text(string directory)
    {
        var values = RuleValuesReader.Read(File.ReadAllText(Path.Combine(directory, RuleFiles.ValuesFile)));
        var text = new StringBuilder(Introduction);
        var groups = RuleFiles.Alerts(values, directory);
        text.Append(CultureInfo.InvariantCulture, $"\n## The {groups.Sum(static group => group.Alerts.Count)} alerts\n");
        foreach (var (name, alerts) in groups)
        {
            text.Append("\n### ").Append(name).Append("\n\n| alert | severity | component | fires when | for, then kept | source |\n|---|---|---|---|---|---|\n");
            foreach (var alert in alerts)
                text.Append(CultureInfo.InvariantCulture, $"| [{alert.Definition.Name}](runbooks/{alert.Definition.Name}.md) | {alert.Values.Severity} | {Component(alert.Definition)} | {Code(alert.Expression)} | {Times(alert.Values)} | {Cell(alert.Values.Source)} |\n");
        }

        text.Append("\n## Recording rules\n\nNames are level:metric:operations, and the level says which labels are left: `node_gpu` is cluster, node, gpu and uuid. What is made every 5 minutes adds up with `sum_over_time`.\n\n| name | labels | holds | every |\n|---|---|---|---|\n");
        foreach (var group in RuleFiles.Recordings(values))
            foreach (var rule in group.Rules)
                text.Append(CultureInfo.InvariantCulture, $"| `{rule.Name}` | {string.Join(", ", rule.Labels.Select(static label => $"{label.Name}=\"{label.Value}\""))} | {Cell(rule.Meaning)} | {group.Interval} |\n");
        return text.ToString();
    }

    private static string Component(AlertDefinition definition) => definition.Component.Length > 0 ? definition.Component : "of the series";

    private static string Times(AlertValues values) => (values.For == "0s" ? "at once" : values.For) + (values.KeepFiringFor is { } kept ? $", {kept}" : "");

    private static string Code(string expression) => $"`{Cell(string.Join(' ', expression.Split('\n', StringSplitOptions.TrimEntries)))}`";

    private static string Cell(string words) => words.Replace("|", "\\|", StringComparison.Ordinal);

    private const string Introduction = """
        # Alerts

        Written from `dashboards/prometheus/values.yaml` and the alerts in `dashboards/Generator/Prometheus/Alerts`; do not edit: a test renews this page with `UPDATE_GOLDEN=1`.
        Every alert has a runbook in [runbooks](runbooks/README.md) and unit tests, firing and silent, in `dashboards/prometheus/tests`.

        ## What a severity means

        | severity | means | goes to |
        |---|---|---|
        | critical | somebody must act now: work is lost, or is about to be | a pager, at any hour |
        | warning | somebody must act this week | a ticket |
        | info | nobody must act; it explains other things | dashboards |
        | none | `Watchdog`: it fires always, and whoever does not get it any more has no alerts | a dead man's switch outside of the cluster |

        Two thirds of the XIDs ask for nothing but a restart of a program, corrected errors are what ECC is for, and the software power cap is how a GPU works at full load: none of them has an alert. A day of
        healthy, power-capped load is silent, which is a test.

        Labels of every alert: `severity` and `component` (the agent's: driver, memory, thermal, power, pcie, nvlink, fabric, compute, performance, network, application; `pipeline` is the watch itself). Annotations: `summary`,
        `description` with node, GPU and value, `runbook_url`, `dashboard_url`, and where there is a node `captures_url`. Alerts that want a capture have the label `capture="true"` and the annotation `capture_duration`; they are those for
        which the agent has no rule that takes one itself.

        ## Load them

        `./install.sh dashboards` places them with your addresses in their links, and takes them away again ([stack.md](stack.md)). By hand:

        Prometheus from 2.42 on (for `keep_firing_for`); `prometheus.yml` beside the files names them:

            cp dashboards/prometheus/gpu-*.rules.yaml /etc/prometheus/
            promtool check rules --lint=all --lint-fatal /etc/prometheus/gpu-*.rules.yaml && curl -X POST http://localhost:9090/-/reload

        VictoriaMetrics: vmalert (1.79 refuses `keep_firing_for`) gets the variant without it. An alert on something that was counted then ends with its window of 15 minutes instead of an hour later:

            vmalert -rule='dashboards/vmalert/gpu-*.rules.yaml' -datasource.url=http://victoria:8428 -remoteWrite.url=http://victoria:8428 -remoteRead.url=http://victoria:8428 -notifier.url=http://alertmanager:9093

        Mimir and other rulers of Prometheus' format: `mimirtool rules load --address=http://mimir:8080 --id=anonymous dashboards/prometheus/gpu-*.rules.yaml`.

        Alertmanager: `dashboards/alertmanager/alertmanager.yml` groups by alert, cluster and node, keeps consequences quiet behind their cause, sends `Watchdog` to a receiver of its own and alerts that want a capture
        to the [collector](captures-triggers.md). Put your receivers in place of its webhooks.

        Rules of your own for dcgm-exporter keep working with the agent in its place: [dcgm-exporter.md](dcgm-exporter.md).

        ## Change them

        Severities, thresholds, windows, times and links stand in `dashboards/prometheus/values.yaml`; `selector` puts matchers on every series. Then

            dotnet run --project dashboards/Generator -- dashboards

        writes the rules of both engines anew. A key that nothing uses, a severity that there is not, a window shorter than four of the slowest scrapes are refused in words. `links` must name your Grafana, your collector and where you publish the runbooks.

        ## What the alerts mind

        - A counter that begins at 1 shows no increase. The agent has its counters at 0 from the start for every XID, rule and event that is looked for here; where a series can be new (captures by profiler) the difference to an hour ago is taken.
        - Ranges of Prometheus 3 leave out the sample at their left edge, so windows hold four scrapes at least.
        - Incidents are looked for in 15 minutes with no `for`, which would hide a single one, and stay for an hour.
        - Counts over a day rest on recording rules, since a thousand nodes have a hundred thousand counters of XIDs.
        - A GPU that is divided (MIG) has series of its instances beside its own; alerts look at the board.
        - Links, ports and services that were never there are no fault: they are compared with an hour ago, with their neighbours, and with what the agent remembers.

        ## Tested end to end

        `tests/EndToEnd/AlertRoadTests.cs` causes every alert once in a cluster of simulated nodes with real agents, a real collector, Prometheus and Alertmanager, and waits for it at a webhook; only times are shorter.
        The causes are faults of the simulated hardware, agents and a collector that are killed or disturbed, and, where the cause is a full disk or a program at fault,
        a scripted page: GpuAgentDetectionLate, GpuAgentFault, GpuAgentHeavy, GpuCapturesFailing, GpuCollectorStoreFailing, GpuSinkDeadLetters, GpuSinkDroppingEvents.

        ## Differences from published sets

        | alert | difference and reason |
        |---|---|
        | GpuFallenOffBus | the kernel's word of a lost GPU counts too, for machines on which the driver says no XID |
        | GpuXidFatal | the label component comes from the XID catalogue, so that the agent's verdict on the same component can be kept quiet |
        | GpuXidRepeated | 79 counts, 109, 119 and 120 do not: one stuck processor repeats them many times |
        | GpuXidAppRepeated | 10 a day in place of 2: one fault of a program prints a line for each processor of the GPU |
        | GpuMissing | a node whose driver is gone altogether misses all of its GPUs |
        | GpuThermalFleetEvent | at least three nodes: in a cluster of eight a single one is more than a tenth |
        | GpuClockStraggler | compared with the neighbours that work, and only where four do |
        | GpuNvlinkDown | boards whose links are not wired show them as down for ever: only links count that were up or that neighbours have |
        | GpuNvlinkXid | 144 to 150 count where the agent decoded a fatal one; most of them are not |
        | GpuNvlinkReplayOrRecovery | one recovery or ten replays: links replay single packets by design |
        | GpuPcieReplayRateHigh | the limit is a metric of the agent, by generation and width now |
        | GpuMemoryHeldWithoutProcess | not on divided GPUs, whose programs belong to the instances |
        | GpuAllocatedIdle | two jobs that share a GPU do not end the rule with an error |
        | GpuAgentAbsent | looks back six hours in place of one, so that it does not resolve while the node is still dead |
        | GpuCollectorStale | by GPU: one that hangs hides behind the others otherwise |
        | GpuSinkStalled | says that nobody can send, also where nothing was ever sent; one node that cannot is GpuNodeSinkStalled, a ticket |

        """;
}
