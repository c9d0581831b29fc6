namespace Monitoring.Dashboards.Generator.Prometheus.Alerts;

/// <summary>What the agents find out themselves, and how the GPUs are used.</summary>
internal static class HealthAlerts
{
    private const string Application = "application";

    /// <summary>The groups' alerts.</summary>
    /// <param name="shippedRules">Pattern of the agent's shipped rules, which have alerts or change health; the others are the site's.</param>
    internal static AlertGroup Group(string shippedRules) => new("gpu-health",
    [
        new("GpuUnhealthy", "", AlertScope.Gpu,
            "max by (%per_gpu%, component) (gpu_health_state{state=\"unhealthy\"}) == 1",
            "{{ if eq $labels.gpu \"node\" }}Node <node>{{ else }}<gpu>{{ end }} is unhealthy: <label:component>",
            "The agent of <node> counts <label:component> of {{ if eq $labels.gpu \"node\" }}the node{{ else }}GPU {{ $labels.gpu }}{{ end }} as unhealthy (flag <value>): it must get no new work. gpu-agent check on the node says why, since when, and what clears it."),
        new("GpuDegraded", "", AlertScope.Gpu,
            "max by (%per_gpu%, component) (gpu_health_state{state=\"degraded\"}) == 1",
            "{{ if eq $labels.gpu \"node\" }}Node <node>{{ else }}<gpu>{{ end }} is degraded: <label:component>",
            "The agent of <node> counts <label:component> of {{ if eq $labels.gpu \"node\" }}the node{{ else }}GPU {{ $labels.gpu }}{{ end }} as degraded (flag <value>): it works, slower or at a risk. gpu-agent check on the node says why and what clears it."),
        // The rule compares GPUs of a node, so it names none. The one by power alone is in shadow, unless the site takes it out.
        new("GpuStuckCollective", Application, AlertScope.Node,
            "max by (cluster, node) (gpu_rule_state{rule=~\"stuck_collective|stuck_collective_by_power\",state=\"firing\"}) > 0",
            "GPUs of <node> wait for a collective operation that does not end",
            "Several GPUs of <node> count as busy and compute nothing (<value> instance of the rule). Find the rank that the others wait for; the capture's stacks show the collective."),
        new("GpuNearOutOfMemory", Application, AlertScope.Gpu,
            Acting("near_out_of_memory"),
            "The memory of <gpu> is nearly full and still fills",
            "The agent's rule near_out_of_memory fired <value:count> times on <gpu>. Tell the owner of the job: the program will run out of memory."),
        new("GpuUtilizationCollapse", Application, AlertScope.Gpu,
            Acting("utilization_collapse"),
            "<gpu> was busy and does nothing now, with its memory still held",
            "The agent's rule utilization_collapse fired <value:count> times on <gpu>. See whether the job waits for storage, for its peers, or for nothing any more."),
        new("GpuSiteRuleFiring", Application, AlertScope.Node,
            $"max by (cluster, node, rule) (gpu_rule_state{{state=\"firing\",rule!~\"{shippedRules}\"}}) > 0",
            "Your rule <label:rule> fires on <node>",
            "The anomaly rule <label:rule>, which is not one of the shipped ones, fires for <value> GPUs or other instances of <node>. Its event says for which, and what to do."),
        // The job is the side of which there may be many: two jobs can share a GPU.
        new("GpuAllocatedIdle", Application, AlertScope.Job,
            """
            avg by (cluster, job_id, job_name, user) (
              gpu_job_info * on (cluster, node, gpu) group_left () max by (cluster, node, gpu) (avg_over_time(gpu_utilization_ratio[%window%]))
            ) < %threshold%
            """,
            "Job <label:job_id> of <label:user> leaves its GPUs idle",
            "The GPUs of job <label:job_id> (<label:job_name>, <label:user>) were busy for <value:percent> of %window%, less than %threshold:percent%. Tell the job's owner."),
    ]);

    // The counter counts in shadow too.
    private static string Acting(string rule) =>
        $"sum by (%per_gpu%) (increase(gpu_anomalies_total{{rule=\"{rule}\"}}[%incident_window%])) > 0 unless on (cluster, node) gpu_rule_state{{rule=\"{rule}\",state=\"shadow_firing\"}}";
}
