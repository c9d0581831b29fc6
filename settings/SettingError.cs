namespace Monitoring.Settings;

/// <summary>One thing that is wrong with the configuration.</summary>
/// <param name="Source">Where it was said: <c>/etc/gpu-agent/agent.yaml:12</c>, <c>environment variable GPU_AGENT_NODE</c>, <c>--set</c>.</param>
/// <param name="Key">The full key, dotted, in the file's notation: <c>sampling.fast_interval</c>.</param>
/// <param name="Value">The value that was found, as written.</param>
/// <param name="Expected">What is allowed, with an example where that helps.</param>
public sealed record SettingError(string Source, string Key, string Value, string Expected)
{
    /// <summary>The error as one line for a person.</summary>
    public override string ToString() => $"{Source}: {Key} is '{Value}', expected {Expected}";
}
