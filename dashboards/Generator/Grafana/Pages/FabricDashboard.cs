using static Monitoring.Dashboards.Generator.Grafana.Selectors;

namespace Monitoring.Dashboards.Generator.Grafana.Pages;

/// <summary>What joins GPUs: NVLink, PCIe and InfiniBand. A third of a large cluster's interruptions begin here.</summary>
internal static class FabricDashboard
{
    private static readonly IReadOnlyList<DrillDown> Links = [DrillDown.ToGpu, DrillDown.ToNode];

    /// <summary>Makes it.</summary>
    public static Dashboard Make() => new("gpu-fabric", "GPU interconnect", "Which link or port is down, slow or noisy? A click leads to the GPU or the node.")
    {
        Variables = [.. Variable.Sources, Variable.Cluster, Variable.Nodes],
        Annotations = StandardAnnotations.Of(Node, NodeDocuments),
        Rows = [new Row("Is anything wrong?", Verdict), new Row("NVLink", Nvlink), new Row("PCIe", Pcie), new Row("InfiniBand and RoCE", Infiniband), new Row("Events", Logs)],
    };

    private static IReadOnlyList<Panel> Verdict =>
    [
        new StatPanel("NVLinks down", "Good: 0.", new Query($"sum({Recorded.NodeNvlinksDown}{{{Node}}})")) { Scale = Scale.NoneIsGood },
        new StatPanel("NVLink errors in an hour", "Errors of all links over an hour. Good: 0. Replays and recoveries slow jobs down.", new Query($"sum(increase(gpu_nvlink_errors_total{{{Node}}}[1h]))")) { Decimals = 0, Scale = Scale.FewAreGood },
        new StatPanel("GPUs not in the fabric", "GPUs of nodes with NVSwitches that have not joined the fabric. Good: 0. Remedy: Fabric Manager, then a reset.", new Query($"sum(gpu_fabric_state{{{Node},state=~\"not_started|in_progress\"}})")) { Scale = Scale.NoneIsGood },
        new StatPanel("PCIe links with fewer lanes", "Good: 0; lanes never fall to save power. Bad: reseat the board, look at the riser.", new Query($"count(gpu_pcie_link_width_lanes{{{Node}}} < gpu_pcie_link_width_max_lanes{{{Node}}}) or vector(0)")) { Scale = Scale.NoneIsGood },
        new StatPanel("Ports down", "InfiniBand and RoCE ports that are down. Good: 0, unless a port has no cable.", new Query($"count(gpu_infiniband_port_up{{{Node}}} == 0) or vector(0)")) { Scale = Scale.NoneIsGood },
        new StatPanel("Port flaps in a day", "Times that a link of a port went down over 24 h. Good: 0. From 6 on it is a cable or an optic.", new Query($"sum(increase(gpu_infiniband_link_downed_total{{{Node}}}[1d]))")) { Decimals = 0, Scale = new Scale(Colours.Good, (1, Colours.Warning), (6, Colours.Bad)) },
    ];

    private static IReadOnlyList<Panel> Nvlink =>
    [
        new TimelinePanel("GPUs with links down", "NVLinks that are down, a row for each GPU that had any. Good: nothing here. A click opens the GPU.",
            new ValueNames((0, "none", Colours.Good)), new Query($"count by (cluster, node, gpu) (gpu_nvlink_up{{{Node}}} == 0)", "{{node}} GPU {{gpu}}")) { Width = 12, Links = Links, Scale = Scale.NoneIsGood },
        new TimelinePanel("Fabric Manager", "The services that join GPUs to a fabric. Good: up wherever there are NVSwitches.", ValueNames.UpDown, new Query($"max by (cluster, node, service) (gpu_service_active{{{Node}}})", "{{node}} {{service}}")) { Width = 12, Links = [DrillDown.ToNode] },
        new GraphPanel("NVLink errors by type", "Errors of all links in each step of the graph. Good: none. crc_flit and crc_data in hundreds a second end jobs.", new Query($"sum by (type) (increase(gpu_nvlink_errors_total{{{Node}}}[$__rate_interval]))", "{{type}}")) { Bars = true, Stacked = true, Decimals = 0, Minimum = 0 },
        new GraphPanel("GPUs with the most NVLink errors", "Errors a second, the ten worst GPUs. Good: 0. Two GPUs alike are one link between them.", new Query($"topk(10, sum by (cluster, node, gpu) (rate(gpu_nvlink_errors_total{{{Node}}}[$__rate_interval])))", "{{node}} GPU {{gpu}}")) { Unit = Units.PerSecond, Minimum = 0, Links = Links },
        new GraphPanel("NVLink traffic by node", "Bytes both ways, the ten nodes with the most. Good: nodes of one job alike.", new Query($"topk(10, sum by (cluster, node) ({Recorded.NodeNvlinkTraffic}{{{Node}}}))", "{{node}}")) { Unit = Units.BytesPerSecond, Minimum = 0, Links = [DrillDown.ToNode] },
    ];

    private static IReadOnlyList<Panel> Pcie =>
    [
        new GraphPanel("PCIe replays against the limit", "Replays a second as a share of what a sound link makes at most, the ten worst GPUs. Good: far below 100 %.",
            new Query($"topk(10, rate(gpu_pcie_replays_total{{{Node}}}[$__rate_interval]) / on (cluster, node, gpu) gpu_pcie_replay_limit_per_second{{{Node}}})", "{{node}} GPU {{gpu}}")) { Unit = Units.Ratio, Minimum = 0, Links = Links },
        new GraphPanel("PCIe traffic by node", "Bytes both ways, the ten nodes with the most. Good: what data and checkpoints need; constant traffic at the top hides a missing NVLink.",
            new Query($"topk(10, sum by (cluster, node) (gpu_pcie_transmit_bytes_per_second{{{Node}}} + gpu_pcie_receive_bytes_per_second{{{Node}}}))", "{{node}}")) { Unit = Units.BytesPerSecond, Minimum = 0, Links = [DrillDown.ToNode] },
        new TablePanel("PCIe links", "Lanes and generation in use and the most there is, the links with the fewest lanes first. Good: lanes equal; the generation falls while a GPU idles. A click opens the GPU.",
            [new KeyColumn("cluster", "Cluster"), new KeyColumn("node", "Node"), new KeyColumn("gpu", "GPU", DrillDown.RowToGpu)],
            Link("Lanes", "gpu_pcie_link_width_lanes"), Link("Lanes, most", "gpu_pcie_link_width_max_lanes"), Link("Generation", "gpu_pcie_link_generation"), Link("Generation, most", "gpu_pcie_link_generation_max")) { Width = 8 },
    ];

    private static IReadOnlyList<Panel> Infiniband =>
    [
        new TimelinePanel("Ports that were down", "A row for each port that was down in the time shown. Good: nothing here. A click opens the node.", ValueNames.UpDown,
            new Query($"max by (cluster, node, device, port) (gpu_infiniband_port_up{{{Node}}}) and on (cluster, node, device, port) min_over_time(gpu_infiniband_port_up{{{Node}}}[$__range]) == 0", "{{node}} {{device}}/{{port}}")) { Width = 12, Links = [DrillDown.ToNode] },
        new GraphPanel("Rate of ports", "Data rate that ports agreed on, the ten slowest. Good: what the switch can; a port at half its rate has a bad cable.", new Query($"bottomk(10, gpu_infiniband_port_rate_bytes_per_second{{{Node}}})", "{{node}} {{device}}/{{port}}")) { Unit = Units.BytesPerSecond, Minimum = 0, Width = 12, Links = [DrillDown.ToNode] },
        Port("Links that went down", "Times that a link of a port went down, in each step of the graph. Good: 0.", "gpu_infiniband_link_downed_total"),
        Port("Recoveries", "Times that a link recovered from an error. Good: 0. From 5 a minute on it is a bad cable.", "gpu_infiniband_link_error_recovery_total"),
        Port("Symbol errors", "Errors of lanes. Good: few and even; modern links always have some, so only a rise says something.", "gpu_infiniband_symbol_errors_total"),
        Port("Receive errors", "Packets with an error. Good: 0.", "gpu_infiniband_port_receive_errors_total"),
    ];

    private static IReadOnlyList<Panel> Logs =>
    [
        new LogsPanel("Events of links and ports", "XIDs of NVLink, events of the fabric, of PCIe and of ports. Good: none.", $"data_stream.dataset:gpu.event AND gpu.component:(nvlink OR pcie OR fabric OR network) AND {NodeDocuments}"),
    ];

    private static ValueColumn Link(string title, string metric) => new(
        title, $"max by (cluster, node, gpu) ({metric}{{{Node}}}) and on (cluster, node, gpu) bottomk(25, gpu_pcie_link_width_lanes{{{Node}}} / gpu_pcie_link_width_max_lanes{{{Node}}})", Units.None);

    private static GraphPanel Port(string title, string description, string metric) => new(
        title, description, new Query($"topk(10, increase({metric}{{{Node}}}[$__rate_interval]))", "{{node}} {{device}}/{{port}}")) { Width = 6, Bars = true, Decimals = 0, Minimum = 0, Links = [DrillDown.ToNode], Tabular = false };
}
