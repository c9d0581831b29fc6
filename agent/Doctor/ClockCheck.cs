namespace Monitoring.Agent.Doctor;

/// <summary>The node's clock, by which events of many nodes are put in order.</summary>
internal sealed class ClockCheck() : DoctorCheck("clock")
{
    private static readonly string[] Services = ["chrony", "chronyd", "systemd-timesyncd", "ntpsec", "ntp", "ntpd", "ptp4l", "phc2sys"];

    protected override IEnumerable<Finding> Look(DoctorNode node)
    {
        var service = Services.FirstOrDefault(node.IsRunning) is { } running ? $"{running} runs" : "no service for it runs on this node";
        yield return node.ClockIsSynchronised() switch
        {
            true => Finding.Ok($"synchronised; {service}"),
            false => Finding.Warning($"the kernel counts it as not synchronised; {service}", "systemctl enable --now chrony (or systemd-timesyncd); chronyc tracking. A virtual machine or container may rely on its host: then all is well"),
            null => Finding.Information($"the kernel does not say whether it is synchronised; {service}"),
        };
    }
}
