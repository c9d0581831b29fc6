namespace Monitoring.Agent.Doctor;

/// <summary>Every check, in the order of the report: from the driver up to what stands around the agent. A new check is a line here.</summary>
internal static class DoctorChecks
{
    internal static IReadOnlyList<IDoctorCheck> All { get; } =
    [
        new GpuCheck(),
        new KernelModuleCheck(),
        new NouveauCheck(),
        new DriverLibraryCheck(),
        new DeviceFilesCheck(),
        new PersistenceCheck(),
        new FabricManagerCheck(),
        new KernelLogCheck(),
        new CudaCheck(),
        new ProfilingCheck(),
        new NsysCheck(),
        new ContainerToolkitCheck(),
        new ConfigurationCheck(),
        new StateDirectoryCheck(),
        new AgentCheck(),
        new ProfilersCheck(),
        new CollectorCheck(),
        new ClockCheck(),
    ];
}
