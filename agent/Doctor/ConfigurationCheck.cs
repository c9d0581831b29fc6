namespace Monitoring.Agent.Doctor;

/// <summary>The configuration and the rules.</summary>
internal sealed class ConfigurationCheck() : DoctorCheck("configuration")
{
    protected override IEnumerable<Finding> Look(DoctorNode node)
    {
        foreach (var error in node.SettingErrors) yield return Finding.Failure(error.ToString(), "correct it; gpu-agent check-config says when it is right. Until then the agent does not start, and this report is by the defaults");
        if (node.SettingErrors.Count == 0) yield return Finding.Ok(node.ConfigurationFile.Length > 0 ? $"{node.ConfigurationFile} is right" : "no file was named (--config): these are the defaults and the environment");
        foreach (var error in node.RuleErrors()) yield return Finding.Failure(error, "correct it; the agent goes on with the last good rules");
        // A file that the service uses and this command was not told of would make the report one of another agent.
        const string OfService = "/etc/gpu-agent/agent.yaml";
        if (node.ConfigurationFile.Length == 0 && node.Exists(OfService)) yield return Finding.Information($"the service uses {OfService}", $"gpu-agent doctor --config {OfService} looks with its eyes");
    }
}
