namespace Microsoft.Extensions.Hosting.Systemd;

/// <summary>Questions about the service manager.</summary>
public static class SystemdHelpers
{
    /// <summary>Whether systemd started this process as a service.</summary>
    public static bool IsSystemdService() => SystemdEnvironment.Current().IsService;
}
