namespace Monitoring.Dashboards.Generator.Prometheus.Alerts;

/// <summary>NVLink, PCIe, the fabric and the network.</summary>
internal static class LinkAlerts
{
    private const string Nvlink = "nvlink";
    private const string Network = "network";

    internal static AlertGroup Group { get; } = new("gpu-links",
    [
        // Boards whose links are not wired show them as down for ever. A link is missed that was up an hour ago, that most neighbours of the
        // node have, or of which the agent knows that it was up once: its verdict on the health outlives both.
        new("GpuNvlinkDown", Nvlink, AlertScope.Gpu,
            """
            count by (%per_gpu%) (gpu_nvlink_up == 0)
            and on (cluster, node, gpu) (
              (node_gpu:gpu_nvlink_up:sum > 0) < on (cluster, node) group_left () node:gpu_nvlink_up:median
              or node_gpu:gpu_nvlink_up:sum < node_gpu:gpu_nvlink_up:sum offset 1h
              or gpu_health_state{component="nvlink",state="unhealthy"} == 1
            )
            """,
            "NVLinks of <gpu> are down",
            "<value> NVLinks of <gpu> are down that were up, or that its neighbours have. Drain the node and reset the GPUs, then reboot, then have the link serviced."),
        // Of the codes of Blackwell only some are faults: the words of the message decide, and the agent has read them.
        new("GpuNvlinkXid", Nvlink, AlertScope.Gpu,
            """
            sum by (%per_gpu%, xid) (node_gpu_xid:gpu_xid_events:increase%incident_window%{xid=~"%xids_nvlink%"}) > 0
            or (
              sum by (%per_gpu%, xid) (node_gpu_xid:gpu_xid_events:increase%incident_window%{xid=~"%xids_nvlink_decoded%"}) > 0
              and on (cluster, node, gpu) gpu_health_state{component="nvlink",state="unhealthy"} == 1
            )
            """,
            "<gpu> reported an error of NVLink (XID <label:xid>)",
            "XID <label:xid> came <value:count> times on <gpu>. Decode the registers, drain the node and reset the GPU; twice in 24 hours on the same link - reseat or replace."),
        new("GpuNvlinkReplayOrRecovery", Nvlink, AlertScope.Gpu,
            """
            sum by (%per_gpu%, type) (increase(gpu_nvlink_errors_total{type=~"recovery|link_recovery"}[%window%])) > 0
            or
            sum by (%per_gpu%, type) (increase(gpu_nvlink_errors_total{type="replay"}[%window%])) >= %replays%
            """,
            "NVLinks of <gpu> have errors of type <label:type>",
            "<value:count> errors of type <label:type> on the NVLinks of <gpu> within %window%; one recovery or %replays% replays are too many. Open a ticket, and compare with XID 74 and slow jobs.",
            WantsCapture: true),
        new("GpuNvlinkCrcStorm", Nvlink, AlertScope.Gpu,
            "sum by (%per_gpu%, link, type) (rate(gpu_nvlink_errors_total{type=~\"crc_flit|crc_data\"}[%window%])) >= %threshold%",
            "NVLinks of <gpu> receive damaged packets all the time",
            "<value> errors of type <label:type> a second on the NVLinks of <gpu>, the limit is %threshold%. Drain the node and have the link reseated or replaced."),
        new("GpuPcieReplayRateHigh", "pcie", AlertScope.Gpu,
            "sum by (%per_gpu%) (rate(gpu_pcie_replays_total[%window%])) * 60 > on (%per_gpu%) max by (%per_gpu%) (gpu_pcie_replay_limit_per_second) * 60",
            "The PCIe link of <gpu> sends more packets again than a sound one",
            "<value:count> PCIe packets of <gpu> are sent again each minute, more than DCGM's limit for its generation and width. Look at PCIe AER and have the board or the retimer reseated.",
            WantsCapture: true),
        new("GpuPcieLinkDegraded", "pcie", AlertScope.Gpu,
            """
            label_replace(
              max by (%per_gpu%) (gpu_pcie_link_width_lanes) < max by (%per_gpu%) (gpu_pcie_link_width_max_lanes),
              "kind", "lanes", "", "")
            or
            label_replace(
              max by (%per_gpu%) (gpu_pcie_link_generation) < max by (%per_gpu%) (gpu_pcie_link_generation_max)
              and on (cluster, node, gpu) avg_over_time(gpu_utilization_ratio[%window%]) > %busy%,
              "kind", "generation", "", "")
            """,
            "The PCIe link of <gpu> is below what GPU and slot can (<label:kind>)",
            "The PCIe link of <gpu> has <label:kind> <value>, and GPU and slot can more. Have the board reseated and check the slot's settings in the BIOS.",
            WantsCapture: true),
        // A health mask that is not zero is no fault; only the state counts.
        new("GpuFabricUnhealthy", "fabric", AlertScope.Gpu,
            "max by (%per_gpu%, state) (gpu_fabric_state{state!~\"completed|not_supported\"}) == 1",
            "<gpu> is not part of the NVLink fabric (<label:state>)",
            "The fabric state of <gpu> is <label:state> (flag <value>), so that programs cannot start on it. Start nvidia-fabricmanager and look at its log, then reset the GPUs."),
        new("NvswitchFatal", "fabric", AlertScope.Node,
            "sum by (cluster, node) (increase(gpu_events_total{kind=\"sxid\",severity=\"critical\"}[%incident_window%])) > 0",
            "An NVSwitch of <node> reports a fatal error",
            "<value:count> fatal SXIDs on <node>. Drain the node, restart Fabric Manager with the GPUs reset, and reboot if the SXID comes again."),
        // Images install services that a node does not need: one counts that the agent saw running, or that ran an hour ago.
        new("NodeServiceStopped", "driver", AlertScope.Node,
            """
            max by (cluster, node, service) (gpu_service_active) == 0
            and (
              max by (cluster, node, service) (gpu_service_active offset 1h) == 1
              or max by (cluster, node, service) (gpu_service_active) == 0
                and on (cluster, node) max by (cluster, node) (gpu_rule_state{rule="service_stopped",state="firing"}) > 0
            )
            """,
            "The service <label:service> stopped on <node>",
            "The service <label:service> of the driver ran on <node> and does not any more (active: <value>). Start it again and look at its log."),
    ]);

    internal static AlertGroup NetworkGroup { get; } = new("gpu-network",
    [
        // Ports without a cable are down for ever: one counts that was up an hour ago, or of which the agent's rule says so.
        new("InfinibandPortDown", Network, AlertScope.Node,
            """
            max by (cluster, node, device, port) (gpu_infiniband_port_up) == 0
            and (
              max by (cluster, node, device, port) (gpu_infiniband_port_up offset 1h) == 1
              or max by (cluster, node, device, port) (gpu_infiniband_port_up) == 0
                and on (cluster, node) max by (cluster, node) (gpu_rule_state{rule="infiniband_port_down",state="firing"}) > 0
            )
            """,
            "Port <label:device>/<label:port> of <node> is down",
            "The InfiniBand or RoCE port <label:device>/<label:port> of <node> was up and is down (up: <value>). Check cable, transceiver and switch port."),
        new("InfinibandFlapping", Network, AlertScope.Node,
            "max by (cluster, node, device, port) (increase(gpu_infiniband_link_downed_total[%window%])) >= %threshold%",
            "Port <label:device>/<label:port> of <node> goes down again and again",
            "Port <label:device>/<label:port> of <node> went down <value:count> times in %window%, the limit is %threshold%. Replace the cable or the transceiver."),
        new("InfinibandErrors", Network, AlertScope.Node,
            """
            label_replace(max by (cluster, node, device, port) (rate(gpu_infiniband_symbol_errors_total[%window%])) > %symbols%, "kind", "symbol errors a second", "", "")
            or
            label_replace(max by (cluster, node, device, port) (increase(gpu_infiniband_link_error_recovery_total[%window%])) > %recoveries%, "kind", "recoveries in %window%", "", "")
            """,
            "Port <label:device>/<label:port> of <node> has more errors than a sound one",
            "Port <label:device>/<label:port> of <node> has <value> <label:kind>; %symbols% symbol errors a second and %recoveries% recoveries are the limits. Clean or replace the cable at the next maintenance."),
        // Nodes of a cluster are built alike, so the same port of the others says what this one should have.
        new("InfinibandRateReduced", Network, AlertScope.Node,
            """
            (max by (cluster, node, device, port) (gpu_infiniband_port_rate_bytes_per_second) and max by (cluster, node, device, port) (gpu_infiniband_port_up) == 1)
            < on (cluster, device, port) group_left ()
            (quantile by (cluster, device, port) (0.5, gpu_infiniband_port_rate_bytes_per_second) and count by (cluster, device, port) (gpu_infiniband_port_rate_bytes_per_second) > %peers%)
            """,
            "Port <label:device>/<label:port> of <node> is slower than those of other nodes",
            "Port <label:device>/<label:port> of <node> agreed on <value> bytes a second, the median of the cluster's nodes is more. Reseat the cable and let the link train again; replace it if it comes back slow."),
    ]);
}
