namespace Monitoring.Agent.Doctor;

/// <summary>Persistence mode, without which a GPU is set up anew for every program that starts.</summary>
internal sealed class PersistenceCheck() : DoctorCheck("persistence")
{
    protected override IEnumerable<Finding> Look(DoctorNode node)
    {
        if (node.Driver.Gpus.Count == 0)
        {
            yield return Finding.Information("not looked at: the driver shows no GPU");
            yield break;
        }
        var off = node.Driver.Gpus.Where(static gpu => gpu.IsPersistent == false).Select(static gpu => gpu.Index).ToArray();
        var service = (node.Runs("nvidia-persistenced"), node.IsInstalled("nvidia-persistenced")) switch
        {
            (true, _) => "nvidia-persistenced runs",
            (_, false) => "nvidia-persistenced is not installed",
            (null, _) => "nvidia-persistenced is installed; whether it runs cannot be seen",
            _ => "nvidia-persistenced is installed and does not run",
        };
        if (off.Length > 0)
            yield return Finding.Warning($"off on GPU {string.Join(", ", off)}; {service}", "systemctl enable --now nvidia-persistenced, or nvidia-smi -pm 1: otherwise the first program waits seconds, and settings and counters are lost between programs");
        else
            yield return Finding.Ok($"on; {service}");
    }
}
