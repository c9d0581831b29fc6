using static Monitoring.Dashboards.Generator.Grafana.Selectors;

namespace Monitoring.Dashboards.Generator.Grafana.Pages;

/// <summary>Can what the other pages show be trusted: agents, their detection, the way to the collector, the collector itself.</summary>
internal static class PipelineDashboard
{
    // Agents' series have a cluster, the collector's own have none.
    private const string AnySender = "cluster=~\"$cluster|\"";

    /// <summary>Makes it.</summary>
    public static Dashboard Make() => new("gpu-pipeline", "GPU monitoring pipeline", "Can I trust what I see? Agents, detection, delivery and the collector.")
    {
        Variables = [.. Variable.Sources, Variable.Cluster, Variable.Nodes],
        Annotations = StandardAnnotations.Of(Node, NodeDocuments),
        Rows =
        [
            new Row("Is anything wrong?", Verdict), new Row("Agents", Agents), new Row("Detection", Detection), new Row("Delivery", Delivery), new Row("Collector", Collector),
            new Row("Logs", Logs), new Row("Agents in detail", AgentDetails, Collapsed: true), new Row("Collector in detail", CollectorDetails, Collapsed: true),
        ],
    };

    private static IReadOnlyList<Panel> Verdict =>
    [
        new StatPanel("Targets down", "Pages of nodes, agents and the collector that Prometheus cannot read. Good: 0.", new Query("count(up{job=~\"gpu-.+\"} == 0) or vector(0)")) { Scale = Scale.NoneIsGood },
        new StatPanel("Silent nodes", "Nodes whose data at the collector is too old. Good: 0.", new Query("sum(gpu_collector_nodes{state=\"expired\"})")) { Scale = Scale.NoneIsGood },
        new StatPanel("Oldest reading", "Time since the slowest reading of any GPU. Good: below 30 s.", new Query($"time() - min(gpu_agent_last_collection_timestamp_seconds{{{Node}}})")) { Unit = Units.Seconds, Decimals = 0, Scale = new Scale(Colours.Good, (30, Colours.Warning), (120, Colours.Bad)) },
        new StatPanel("Driver calls stuck", "GPUs for which a driver call does not come back. Good: 0. Bad: XID 119 and a wedged driver; the node wants a reboot.", new Query($"count(max by (cluster, node, gpu) (gpu_agent_driver_call_stuck_seconds{{{Node}}}) > 0) or vector(0)")) { Scale = Scale.NoneIsGood },
        new StatPanel("Lost or refused", "Events that were dropped or set aside by any sender over 24 h. Good: 0.", new Query($"sum(increase(gpu_sink_events_dropped_total{{{AnySender}}}[1d]))", "dropped"), new Query($"sum(increase(gpu_sink_dead_letters_total{{{AnySender}}}[1d]))", "set aside")) { Decimals = 0, Scale = Scale.NoneIsGood, Named = true },
        new StatPanel("Sources that see nothing", "Sources of events that should see something and do not. Good: 0. The agent's doctor says why.", new Query($"count(gpu_event_source_up{{{Node}}} == 0) or vector(0)")) { Scale = Scale.FewAreGood },
    ];

    private static IReadOnlyList<Panel> Agents =>
    [
        new TimelinePanel("Targets that were down", "Pages that Prometheus could not read in the time shown. Good: nothing here.", ValueNames.UpDown, new Query("up{job=~\"gpu-.+\"} and min_over_time(up{job=~\"gpu-.+\"}[$__range]) == 0 or max by (job) (up{job=\"gpu-collector\"})", "{{job}} {{instance}}")) { Width = 12 },
        new GraphPanel("Age of readings", "Time since each tier was last read, the slowest GPU. Good: about the tier's interval.", new Query($"time() - min by (collector) (gpu_agent_last_collection_timestamp_seconds{{{Node}}})", "{{collector}}")) { Unit = Units.Seconds, Minimum = 0, Width = 12 },
        new GraphPanel("Slowest readings", "How long the last reading of a tier took, the ten slowest GPUs. Good: far below the interval.", new Query($"topk(10, max by (cluster, node, gpu, collector) (gpu_agent_collection_duration_seconds{{{Node}}}))", "{{node}} GPU {{gpu}} {{collector}}")) { Unit = Units.Seconds, Minimum = 0, Links = [DrillDown.ToGpu], Tabular = false },
        new GraphPanel("Driver errors", "Error answers of the driver by code, those for readings that a GPU lacks left out. Good: none.", new Query($"sum by (code) (rate(gpu_agent_driver_errors_total{{{Node}}}[$__rate_interval]))", "{{code}}")) { Unit = Units.PerSecond, Minimum = 0 },
        new GraphPanel("Stuck driver calls", "How long the calls in progress have lasted that are past their deadline, the ten longest. Good: 0.", new Query($"topk(10, max by (cluster, node, gpu) (gpu_agent_driver_call_stuck_seconds{{{Node}}}))", "{{node}} GPU {{gpu}}")) { Unit = Units.Seconds, Minimum = 0, Links = [DrillDown.ToGpu], Tabular = false },
        new TablePanel("Versions of agents", "How many nodes run which version. Good: one version, or a rollout under way.", [new KeyColumn("version", "Version"), new KeyColumn("runtime", "Runtime")], new ValueColumn("Nodes", $"count by (version, runtime) (gpu_agent_build_info{{{Node}}})", Units.None)),
        new GraphPanel("Agents' processor time", "Processors that an agent uses, the driver's part included, the ten busiest. Good: below 0.05.", new Query($"topk(10, rate(gpu_agent_cpu_seconds_total{{{Node}}}[$__rate_interval]))", "{{node}}")) { Unit = Units.None, Minimum = 0, Links = [DrillDown.ToNode], Tabular = false },
        new GraphPanel("Agents' memory", "Resident memory, the ten largest. Good: flat, below 200 MiB.", new Query($"topk(10, gpu_agent_resident_memory_bytes{{{Node}}})", "{{node}}")) { Unit = Units.Bytes, Minimum = 0, Links = [DrillDown.ToNode], Tabular = false },
        new GraphPanel("Series of agents", "Series of GPUs that have a value now, the ten nodes with the most. Good: at most 250 a GPU.", new Query($"topk(10, gpu_agent_series{{{Node}}})", "{{node}}")) { Minimum = 0, Decimals = 0, Tabular = false },
    ];

    private static IReadOnlyList<Panel> Detection =>
    [
        new TimelinePanel("Sources of events that were down", "Sources that saw nothing for a while in the time shown. Good: nothing here.", ValueNames.UpDown,
            new Query($"gpu_event_source_up{{{Node}}} and min_over_time(gpu_event_source_up{{{Node}}}[$__range]) == 0 or min by (source) (gpu_event_source_up{{{Node}}})", "{{node}} {{source}}")) { Width = 12 },
        new GraphPanel("Events", "Events in each step of the graph by kind. Good: few; a storm of one kind is summed up.", new Query(Grown("kind", $"gpu_events_total{{{Node}}}"), "{{kind}}")) { Bars = true, Stacked = true, Decimals = 0, Minimum = 0, Width = 12 },
        new GraphPanel("Rounds of detection", "Rounds a second, the slowest node, and the mean time of a round. Good: 20 a second, far below 50 ms each.", new Query($"min(rate(gpu_agent_detection_rounds_total{{{Node}}}[$__rate_interval]))", "rounds, slowest node")) { Unit = Units.PerSecond, Minimum = 0 },
        new GraphPanel("Time of a round", "Mean time that a round of detection takes, the ten slowest nodes. Good: far below 50 ms.", new Query($"topk(10, rate(gpu_agent_detection_seconds_total{{{Node}}}[$__rate_interval]) / rate(gpu_agent_detection_rounds_total{{{Node}}}[$__rate_interval]))", "{{node}}")) { Unit = Units.Seconds, Minimum = 0, Tabular = false },
        new GraphPanel("Faults and misses", "Faults of detection, readings that it missed, readings that came too late, and faults of sampling, in each step of the graph. Good: 0.",
            new Query($"sum(increase(gpu_agent_detection_faults_total{{{Node}}}[$__rate_interval]))", "faults of detection"), new Query($"sum(increase(gpu_agent_detection_frames_missed_total{{{Node}}}[$__rate_interval]))", "readings not seen by rules"),
            new Query($"sum(increase(gpu_agent_samples_missed_total{{{Node}}}[$__rate_interval]))", "readings skipped"), new Query($"sum(increase(gpu_agent_sampling_faults_total{{{Node}}}[$__rate_interval]))", "faults of sampling")) { Bars = true, Decimals = 0, Minimum = 0 },
        new GraphPanel("Sightings", "What sources saw of incidents that had their event already, and incidents that were only summed up. Good: merged about as many as there are XIDs.",
            new Query($"sum(increase(gpu_event_sightings_merged_total{{{Node}}}[$__rate_interval]))", "merged"), new Query($"sum(increase(gpu_events_summed_up_total{{{Node}}}[$__rate_interval]))", "summed up")) { Bars = true, Decimals = 0, Minimum = 0 },
        new GraphPanel("Lost before they were events", "Records of the kernel's log that were overwritten, and sightings that were lost, in each step of the graph. Good: 0.",
            new Query($"sum by (source) (increase(gpu_kernel_log_lost_records_total{{{Node}}}[$__rate_interval]))", "{{source}}"), new Query($"sum by (reason) (increase(gpu_event_sightings_dropped_total{{{Node}}}[$__rate_interval]))", "sightings: {{reason}}")) { Bars = true, Decimals = 0, Minimum = 0 },
        new TablePanel("Rules", "Rules that nodes hold, and whether the files as they are now hold. Good: one number everywhere, and yes.", [new KeyColumn("cluster", "Cluster"), new KeyColumn("node", "Node", DrillDown.RowToNode)],
            Reload("Files hold", "gpu_rules_last_reload_successful", Units.None) with { Names = new ValueNames((0, "no", Colours.Bad), (1, "yes", Colours.Good)), Scale = Scale.OneIsGood },
            Reload("Rules", "gpu_rules_loaded", Units.None), Reload("Read", "1000 * gpu_rules_last_reload_timestamp_seconds", Units.FromNow)),
    ];

    private static IReadOnlyList<Panel> Delivery =>
    [
        new GraphPanel("Waiting to be sent", "What waits at each kind of sender, all together; those of the collector to Elasticsearch by stream. Good: returns to 0.", new Query($"sum by (sink, stream) (gpu_sink_queue_length{{{AnySender}}})", "{{sink}} {{stream}}")) { Minimum = 0, Decimals = 0 },
        new GraphPanel("Longest since a success", "Time since a receiver last took something, the worst sender of each kind. Good: seconds. For senders that only send when something happens, look at what waits too.",
            new Query($"time() - min by (sink, stream) (gpu_sink_last_success_timestamp_seconds{{{AnySender}}} > 0)", "{{sink}} {{stream}}")) { Unit = Units.Seconds, Minimum = 0 },
        new GraphPanel("Sent", "Requests a second that receivers took. Good: steady.", new Query($"sum by (sink, stream) (rate(gpu_sink_sent_total{{{AnySender}}}[$__rate_interval]))", "{{sink}} {{stream}}")) { Unit = Units.PerSecond, Minimum = 0 },
        new GraphPanel("Failed and repeated", "Requests that failed by reason, and were sent again. Good: 0; a burst is a restart of the receiver.", new Query($"sum by (sink, reason) (rate(gpu_sink_failures_total{{{AnySender}}}[$__rate_interval]))", "{{sink}}: {{reason}}"), new Query($"sum by (sink) (rate(gpu_sink_retried_total{{{AnySender}}}[$__rate_interval]))", "{{sink}} again")) { Unit = Units.PerSecond, Minimum = 0 },
        new GraphPanel("Dropped and set aside", "Events that were lost, by reason, and what receivers refused for good. Good: 0.", new Query($"sum by (sink, reason) (increase(gpu_sink_events_dropped_total{{{AnySender}}}[$__rate_interval]))", "{{sink}}: {{reason}}"), new Query($"sum by (sink) (increase(gpu_sink_dead_letters_total{{{AnySender}}}[$__rate_interval]))", "{{sink}} set aside")) { Bars = true, Decimals = 0, Minimum = 0 },
        new GraphPanel("Requests to Elasticsearch", "Requests a second, documents that it had already, and documents that it put into its failure store. Good: no failure store; duplicates only after a restart of either side.",
            new Query($"sum by (stream) (rate(gpu_sink_requests_total{{{AnySender}}}[$__rate_interval]))", "{{stream}} requests"), new Query($"sum by (stream) (rate(gpu_sink_duplicates_total{{{AnySender}}}[$__rate_interval]))", "{{stream}} there already"), new Query($"sum by (stream) (rate(gpu_sink_failure_store_total{{{AnySender}}}[$__rate_interval]))", "{{stream}} failure store")) { Unit = Units.PerSecond, Minimum = 0 },
        new GraphPanel("Size of a batch", "The most that is put into one request to Elasticsearch; falls when the server is slow or refuses large ones. Good: at its highest.", new Query($"min by (stream) (gpu_sink_batch_limit_bytes{{{AnySender}}})", "{{stream}}")) { Unit = Units.Bytes, Minimum = 0 },
        new GraphPanel("Journals", "Size of the event journals on nodes, the ten largest. Good: below its limit, 64 MiB as shipped.", new Query($"topk(10, gpu_agent_journal_bytes{{{Node}}})", "{{node}}")) { Unit = Units.Bytes, Minimum = 0, Links = [DrillDown.ToNode], Tabular = false },
    ];

    private static IReadOnlyList<Panel> Collector =>
    [
        new GraphPanel("Nodes", "Nodes by whether their data is fresh. Good: all fresh.", new Query("sum by (state) (gpu_collector_nodes)", "{{state}}"), new Query("sum(gpu_collector_agents_connected)", "agents that can be told")) { Minimum = 0, Decimals = 0 },
        new GraphPanel("Clock skew", "How far clocks of nodes are ahead of the collector's or behind, the ten worst. Good: below 1 s. A clock that is hours ahead poisons Prometheus.", new Query($"topk(10, abs(gpu_collector_node_clock_skew_seconds{{{Cluster}}}))", "{{node}}")) { Unit = Units.Seconds, Minimum = 0, Links = [DrillDown.ToNode], Tabular = false },
        new GraphPanel("Longest without a push", "Time since the last push of a node, the ten longest. Good: about the push interval.", new Query($"topk(10, time() - gpu_collector_node_last_push_timestamp_seconds{{{Cluster}}})", "{{node}}")) { Unit = Units.Seconds, Minimum = 0, Links = [DrillDown.ToNode], Tabular = false },
        new GraphPanel("Points", "Points a second that were stored and refused, by reason. Good: none refused.", new Query("sum(rate(gpu_collector_samples_total[$__rate_interval]))", "stored"), new Query("sum by (reason) (rate(gpu_collector_rejected_points_total[$__rate_interval]))", "refused: {{reason}}")) { Unit = Units.PerSecond, Minimum = 0 },
        new GraphPanel("Pushes", "Pushes a second that were taken and refused, by reason. Good: none refused.", new Query("sum(rate(gpu_collector_pushes_total[$__rate_interval]))", "taken"), new Query("sum by (reason) (rate(gpu_collector_rejected_pushes_total[$__rate_interval]))", "refused: {{reason}}")) { Unit = Units.PerSecond, Minimum = 0 },
        new GraphPanel("Time of a push", "Time from a received body to its points being stored. Good: 99 % below 10 ms.", new Query("histogram_quantile(0.5, sum by (le) (rate(gpu_collector_push_duration_seconds_bucket[$__rate_interval])))", "half"), new Query("histogram_quantile(0.99, sum by (le) (rate(gpu_collector_push_duration_seconds_bucket[$__rate_interval])))", "99 %")) { Unit = Units.Seconds, Minimum = 0 },
        new GraphPanel("Events taken", "Events that the collector took, in each step of the graph by kind.  Good: follows the nodes.", new Query("sum by (kind) (increase(gpu_collector_events_total[$__rate_interval]))", "{{kind}}")) { Bars = true, Stacked = true, Decimals = 0, Minimum = 0 },
        new GraphPanel("Events not kept", "Events refused and not kept any more by reason, and times that they could not be written. Good: only age.",
            new Query("sum by (reason) (increase(gpu_collector_events_rejected_total[$__rate_interval]))", "refused: {{reason}}"), new Query("sum by (reason) (increase(gpu_collector_events_expired_total[$__rate_interval]))", "not kept: {{reason}}"), new Query("sum(increase(gpu_collector_event_store_failures_total[$__rate_interval]))", "could not be written")) { Bars = true, Decimals = 0, Minimum = 0 },
        new GraphPanel("Series", "Series that the collector stores, and those left off pages since two sources report the same. Good: none left off.", new Query("sum(gpu_collector_series)", "stored"), new Query("sum(gpu_collector_conflicting_series)", "left off")) { Minimum = 0, Decimals = 0 },
    ];

    private static IReadOnlyList<Panel> Logs =>
    [
        new LogsPanel("Log of the collector", "Good: nothing above info.", "data_stream.dataset:gpu.collector"),
        new LogsPanel("Warnings and errors of agents", "Good: empty.", $"data_stream.dataset:gpu.agent AND log.level:(warning OR error OR critical) AND {NodeDocuments}"),
    ];

    private static IReadOnlyList<Panel> AgentDetails =>
    [
        new GraphPanel("Readings", "Readings a second of each tier, all GPUs together. Good: steady.", new Query($"sum by (collector) (rate(gpu_agent_samples_total{{{Node}}}[$__rate_interval]))", "{{collector}}")) { Unit = Units.PerSecond, Minimum = 0 },
        new GraphPanel("Driver calls", "Driver calls a second that came back, by tier. Good: steady.", new Query($"sum by (collector) (rate(gpu_agent_driver_calls_total{{{Node}}}[$__rate_interval]))", "{{collector}}")) { Unit = Units.PerSecond, Minimum = 0 },
        new GraphPanel("Time of a driver call", "Mean time inside the driver. Good: below 1 ms.", new Query($"sum by (collector) (rate(gpu_agent_driver_seconds_total{{{Node}}}[$__rate_interval])) / sum by (collector) (rate(gpu_agent_driver_calls_total{{{Node}}}[$__rate_interval]))", "{{collector}}")) { Unit = Units.Seconds, Minimum = 0 },
        new GraphPanel("Calls past their deadline", "Driver calls that passed their deadline, in each step of the graph. Good: 0.", new Query($"sum by (collector) (increase(gpu_agent_driver_calls_stuck_total{{{Node}}}[$__rate_interval]))", "{{collector}}")) { Bars = true, Decimals = 0, Minimum = 0 },
        new GraphPanel("Kernel log", "Records a second that were read, by where from. Good: above 0 where the kernel speaks.", new Query($"sum by (source) (rate(gpu_kernel_log_records_total{{{Node}}}[$__rate_interval]))", "{{source}}")) { Unit = Units.PerSecond, Minimum = 0 },
        new GraphPanel("Probes", "Looks at files that failed, in each step of the graph, and the longest that does not end. Good: 0.", new Query($"sum by (probe) (increase(gpu_agent_probe_failures_total{{{Node}}}[$__rate_interval]))", "{{probe}} failed"), new Query($"max by (probe) (gpu_agent_probe_stuck_seconds{{{Node}}})", "{{probe}} stuck, seconds")) { Minimum = 0 },
        new GraphPanel("Rules held back", "Times that a limit kept a rule from acting, in each step of the graph. Good: few; many mean a storm.", new Query($"sum by (rule) (increase(gpu_rule_suppressed_total{{{Node}}}[$__rate_interval]))", "{{rule}}")) { Bars = true, Decimals = 0, Minimum = 0 },
        new GraphPanel("Instances of rules", "GPUs and nodes by where their rules stand. Good: firing 0.", new Query($"sum by (state) (gpu_rule_state{{{Node}}})", "{{state}}")) { Minimum = 0, Decimals = 0 },
        new GraphPanel("PyTorch", "Datagrams at the endpoint for PyTorch by what became of them, and processes that ask. Good: as many processes as ranks.", new Query($"sum by (outcome) (rate(gpu_agent_kineto_datagrams_total{{{Node}}}[$__rate_interval]))", "{{outcome}}"), new Query($"sum(gpu_agent_kineto_processes{{{Node}}})", "processes")) { Minimum = 0 },
        new GraphPanel("Damages of journals", "Places where event journals were cut off or damaged since their agents were started. Good: 0; one after a power cut.", new Query($"sum by (kind) (increase(gpu_agent_journal_damages_total{{{Node}}}[$__rate_interval]))", "{{kind}}")) { Bars = true, Decimals = 0, Minimum = 0 },
    ];

    private static IReadOnlyList<Panel> CollectorDetails =>
    [
        new GraphPanel("Processor and memory", "Processors that the collector uses. Good: below 1 for a thousand nodes.", new Query("sum(rate(gpu_collector_cpu_seconds_total[$__rate_interval]))", "processors")) { Unit = Units.None, Minimum = 0, Tabular = false },
        new GraphPanel("Memory", "Memory of the collector. Good: flat.", new Query("sum(gpu_collector_resident_memory_bytes)", "resident")) { Unit = Units.Bytes, Minimum = 0, Tabular = false },
        new GraphPanel("Received", "Bytes of pushes as they came. Good: steady.", new Query("sum(rate(gpu_collector_received_bytes_total[$__rate_interval]))", "received")) { Unit = Units.BytesPerSecond, Minimum = 0, Tabular = false },
        new GraphPanel("Clocks ahead", "Points and events that were dated later than they came, in each step of the graph. Good: 0.", new Query("sum(increase(gpu_collector_clamped_timestamps_total[$__rate_interval]))", "points"), new Query("sum(increase(gpu_collector_events_ahead_total[$__rate_interval]))", "events")) { Bars = true, Decimals = 0, Minimum = 0 },
        new GraphPanel("Events kept", "Events that are kept, and those that came again. Good: grows until retention sets in.", new Query("sum(gpu_collector_events_stored)", "kept"), new Query("sum(increase(gpu_collector_event_duplicates_total[$__rate_interval]))", "came again")) { Minimum = 0, Decimals = 0 },
        new GraphPanel("Room of events", "Room that the kept events take. Good: below its limit.", new Query("sum(gpu_collector_event_store_bytes)", "events")) { Unit = Units.Bytes, Minimum = 0, Tabular = false },
        new GraphPanel("Log lines", "Log lines of agents and of the collector that were taken, came again or were lost, a second, and times that they could not be written. Good: none lost.",
            new Query("sum(rate(gpu_collector_log_lines_total[$__rate_interval]))", "taken"), new Query("sum(rate(gpu_collector_log_line_duplicates_total[$__rate_interval]))", "again"), new Query("sum(rate(gpu_collector_log_lines_lost_total[$__rate_interval]))", "lost"), new Query("sum(rate(gpu_collector_log_store_failures_total[$__rate_interval]))", "not written")) { Unit = Units.PerSecond, Minimum = 0 },
        new GraphPanel("Log lines kept", "Log lines that the collector keeps. Good: grows until retention sets in.", new Query("sum(gpu_collector_log_lines_stored)", "kept")) { Minimum = 0, Decimals = 0, Tabular = false },
        new GraphPanel("Room of log lines", "Room that the kept log lines take. Good: below its limit.", new Query("sum(gpu_collector_log_store_bytes)", "log lines")) { Unit = Units.Bytes, Minimum = 0, Tabular = false },
        new GraphPanel("Commands", "Commands that wait, were sent, and expired. Good: none expired.", new Query("sum(gpu_collector_commands_waiting)", "wait"), new Query("sum(increase(gpu_collector_commands_sent_total[$__rate_interval]))", "sent"), new Query("sum(increase(gpu_collector_commands_expired_total[$__rate_interval]))", "expired")) { Minimum = 0, Decimals = 0 },
        new GraphPanel("Streams replaced", "Streams of commands that a newer one of the same node replaced, in each step of the graph. Good: 0; a steady rise is two agents with one name.", new Query("sum(increase(gpu_collector_command_streams_replaced_total[$__rate_interval]))", "streams")) { Bars = true, Decimals = 0, Minimum = 0, Tabular = false },
        new GraphPanel("Audit and journal", "Entries of the audit, and times that it or the state of commands could not be written. Good: no failures.", new Query("sum(increase(gpu_collector_audit_entries_total[$__rate_interval]))", "entries"), new Query("sum(increase(gpu_collector_audit_failures_total[$__rate_interval]))", "audit not written"), new Query("sum(increase(gpu_collector_command_journal_failures_total[$__rate_interval]))", "commands not written")) { Bars = true, Decimals = 0, Minimum = 0 },
        new TablePanel("Collector", "Version and time of start. Good: what you installed.", [new KeyColumn("version", "Version")], new ValueColumn("Started", "max by (version) (gpu_collector_build_info * on (instance, job) group_left () (1000 * gpu_collector_start_time_seconds))", Units.FromNow)) { Width = 8 },
        new StatPanel("Nodes without an address", "Nodes that the list of agents leaves out. Good: 0 where Prometheus reads agents themselves; without meaning else.", new Query("sum(gpu_collector_nodes_without_agent_address)")) { Filled = false },
    ];

    private static ValueColumn Reload(string title, string metric, string unit) => new(title, $"topk(100, max by (cluster, node) ({metric}{{{Node}}}))", unit);
}
