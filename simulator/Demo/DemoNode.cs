namespace Monitoring.Simulator.Demo;

/// <summary>One simulated node: the folder that is its driver, and where its agent listens.</summary>
/// <param name="Number">Counted from 1.</param>
/// <param name="Name">The value of the label <c>node</c>.</param>
/// <param name="DriverDirectory">Holds <c>libnvidia-ml.so.1</c> and the state that it reads.</param>
/// <param name="AgentAddress">Host and port of its agent.</param>
internal sealed record DemoNode(int Number, string Name, string DriverDirectory, string AgentAddress)
{
    /// <summary>The agent's configuration file.</summary>
    /// <param name="collectorAddress">Host and port of the collector.</param>
    /// <param name="rulesDirectory">Holds its own rules, over the shipped ones; it exists.</param>
    public string AgentYaml(string collectorAddress, string rulesDirectory) => $"""
        node: {Name}
        cluster: {DemoOptions.Cluster}
        listen: {AgentAddress}
        state_directory: {Quoted(Path.Combine(DriverDirectory, "state"))}
        devices:
          nvml_library: {Quoted(Path.Combine(DriverDirectory, "libnvidia-ml.so.1"))}
          sysfs: {Quoted(Path.Combine(DriverDirectory, "sys"))}
          procfs: {Quoted(Path.Combine(DriverDirectory, "proc"))}
          systemd_units: {Quoted(Path.Combine(DriverDirectory, "systemd"))}
          kernel_log: {Quoted(Path.Combine(DriverDirectory, "kmsg"))}
          fabric_manager_log: ''
        detection:
          rules_directory: {Quoted(rulesDirectory)}
        capture:
          counters_after: 2s
          free_space_floor_bytes: 256MiB
        collector:
          endpoint: http://{collectorAddress}
          push_interval: 2s

        """;

    /// <summary>A YAML scalar in single quotes, in which only the quote itself is special.</summary>
    internal static string Quoted(string path) => $"'{path.Replace("'", "''", StringComparison.Ordinal)}'";
}
