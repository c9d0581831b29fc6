using Monitoring.Settings;

namespace Monitoring.Agent.Detection;

/// <summary>What the agent looks for.</summary>
[SettingsSection("What the agent looks for in what it reads.")]
public sealed class DetectionSettings
{
    /// <summary>Where packages and administrators put rule files; it need not exist.</summary>
    internal const string DefaultRulesDirectory = "/etc/gpu-agent/rules.d";

    [Setting("Directory of anomaly rules: its *.yaml files are read in the order of their names, and again when they change. docs/rules.md says what stands in them. Empty reads none.")]
    public string RulesDirectory { get; set; } = DefaultRulesDirectory;

    [Setting("Start from the rules that come with the agent; rule files may change each of them.")]
    public bool ShippedRules { get; set; } = true;
}
