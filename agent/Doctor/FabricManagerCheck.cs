namespace Monitoring.Agent.Doctor;

/// <summary>Fabric Manager, which GPUs behind NVSwitches cannot do without.</summary>
internal sealed class FabricManagerCheck() : DoctorCheck("Fabric Manager")
{
    private const string Service = "nvidia-fabricmanager";

    protected override IEnumerable<Finding> Look(DoctorNode node)
    {
        // NVSwitches are bridges of class 0x0680 of NVIDIA's.
        var switches = node.List(node.Sysfs("bus/pci/devices"), "*").Count(path =>
            node.Read(path + "/vendor") == "0x10de" && node.Read(path + "/class") is { } @class && @class.StartsWith("0x0680", StringComparison.Ordinal));
        var inFabric = node.Driver.Gpus.Where(static gpu => gpu.HasFabric).ToArray();
        var runs = node.Runs(Service);
        if (switches == 0 && inFabric.Length == 0)
        {
            yield return Finding.Information($"not needed: there is no NVSwitch{(runs == true ? ", and yet it runs" : "")}");
            yield break;
        }
        var waiting = inFabric.Where(static gpu => !gpu.FabricIsReady).Select(static gpu => gpu.Index).ToArray();
        var seen = $"NVSwitches: {switches}, GPUs in a fabric: {inFabric.Length}";
        if (waiting.Length > 0)
            yield return Finding.Failure($"{seen}; the fabric is not ready on GPU {string.Join(", ", waiting)}: CUDA programs fail to start there", "systemctl status nvidia-fabricmanager; /var/log/fabricmanager.log; its version must be the driver's");
        // On a rack-scale fabric (GB200) it runs elsewhere and the nodes have none.
        if (runs == false && switches > 0)
            yield return Finding.Failure($"{seen}; {Service} {(node.IsInstalled(Service) ? "is installed and does not run" : "is not installed")}",
                $"install nvidia-fabricmanager of the driver's version{(node.ModuleVersion is { } version ? $" ({version})" : "")}; systemctl enable --now {Service}");
        else if (runs is null && inFabric.Length == 0)
            yield return Finding.Information($"{seen}; whether {Service} runs cannot be seen: no control group of the system is here");
        else if (waiting.Length == 0)
            yield return Finding.Ok($"{seen}; {(runs == true ? "it runs" : "the fabric is ready")}");
    }
}
