namespace Monitoring.Settings;

/// <summary>One thing that is wrong with the configuration.</summary>
/// <param name="Source">Where it was said: <c>/etc/gpu-agent/agent.yaml:12</c>, <c>environment variable GPU_AGENT_NODE</c>, <c>--set</c>, <c>default</c>.</param>
/// <param name="Key">The full key, dotted, in the file's notation: <c>sampling.fast_interval</c>; empty where a whole source is wrong.</param>
/// <param name="Value">The value that was found, as written, secrets masked; null where the value is not what is wrong.</param>
/// <param name="Expected">What is allowed, with an example where that helps; with a null value the rest of the sentence: <c>is set twice</c>.</param>
public sealed record SettingError(string Source, string Key, string? Value, string Expected)
{
    /// <summary>The error as one line for a person.</summary>
    public override string ToString() => (Key, Value) switch
    {
        ("", _) => $"{Source}: {Expected}",
        (_, null) => $"{Source}: {Key} {Expected}",
        _ => $"{Source}: {Key} is '{Value}', expected {Expected}",
    };
}
