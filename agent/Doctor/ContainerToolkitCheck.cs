namespace Monitoring.Agent.Doctor;

/// <summary>What gives GPUs to containers: the toolkit, its library, and CDI specifications.</summary>
internal sealed class ContainerToolkitCheck() : DoctorCheck("container toolkit")
{
    private static readonly string[] Runtimes = ["/usr/bin/docker", "/usr/bin/containerd", "/usr/bin/podman", "/usr/bin/crio", "/usr/local/bin/containerd", "/usr/local/bin/k3s"];
    private static readonly string[] Toolkits = ["/usr/bin/nvidia-ctk", "/usr/local/bin/nvidia-ctk", "/usr/local/nvidia/toolkit/nvidia-ctk"];
    private static readonly string[] Libraries = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64"];
    private static readonly string[] Specifications = ["/etc/cdi", "/var/run/cdi", "/run/cdi"];

    protected override IEnumerable<Finding> Look(DoctorNode node)
    {
        var runtime = Runtimes.FirstOrDefault(node.Exists);
        var toolkit = Toolkits.FirstOrDefault(node.Exists);
        if (toolkit is null)
        {
            yield return runtime is null || node.Driver.Gpus.Count == 0
                ? Finding.Information($"not installed{(runtime is null ? "; there is no container runtime either" : "")}")
                : Finding.Warning($"{Path.GetFileName(runtime)} is installed, nvidia-container-toolkit is not: containers get no GPUs", "install nvidia-container-toolkit; nvidia-ctk runtime configure --runtime=RUNTIME; restart the runtime");
            yield break;
        }
        var version = node.RunProgram(node.Place(toolkit), "--version")?.Split('\n')[0].Trim();
        yield return Finding.Ok($"{toolkit}{(version is { Length: > 0 } ? $": {version}" : "")}{(Libraries.Any(folder => node.List(folder, "libnvidia-container.so.*").Count > 0) ? ", with libnvidia-container" : "")}");
        var specifications = Specifications.SelectMany(folder => node.List(folder, "*.yaml").Concat(node.List(folder, "*.json"))).Where(static path => path.Contains("nvidia", StringComparison.OrdinalIgnoreCase)).ToArray();
        if (specifications is []) yield return Finding.Information("no CDI specification of NVIDIA's in /etc/cdi or /var/run/cdi", "nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml, where the runtime uses CDI");
        foreach (var path in specifications)
        {
            // Specifications name the driver's libraries by version: after an update they point at files that are gone.
            if (node.ModuleVersion is { } module && node.Read(path) is { } text && text.Contains(".so.", StringComparison.Ordinal) && !text.Contains(module, StringComparison.Ordinal))
                yield return Finding.Warning($"{path} names another driver than the loaded {module}: containers will fail to start", $"nvidia-ctk cdi generate --output={path}");
            else
                yield return Finding.Ok($"CDI specification {path}");
        }
    }
}
