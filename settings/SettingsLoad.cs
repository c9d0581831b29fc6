namespace Monitoring.Settings;

/// <summary>The outcome of loading settings.</summary>
/// <param name="Value">The settings; null when there is any error.</param>
/// <param name="Errors">Everything that is wrong, in the order of the sources.</param>
public sealed record SettingsLoad<T>(T? Value, IReadOnlyList<SettingError> Errors) where T : class
{
    /// <summary>Who set each key that is not at its default: <c>/etc/gpu-agent/agent.yaml:12</c>, <c>environment variable GPU_AGENT_NODE</c>, <c>--set</c>.</summary>
    public IReadOnlyDictionary<string, string> Origins { get; init; } = new Dictionary<string, string>();
}
