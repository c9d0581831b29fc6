namespace Monitoring.Settings;

/// <summary>Where settings come from; a later source wins: file, environment, command line.</summary>
public sealed record SettingsSources
{
    /// <summary>Path of the YAML file; null to use none.</summary>
    public string? File { get; init; }

    /// <summary>
    /// Prefix of environment variables, such as <c>GPU_AGENT_</c>; <c>GPU_AGENT_SAMPLING__FAST_INTERVAL</c> sets
    /// <c>sampling.fast_interval</c>. Without a prefix the environment is not read.
    /// </summary>
    public string EnvironmentPrefix { get; init; } = "";

    /// <summary>The environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Whole names of variables that carry the prefix and are no settings, such as <c>GPU_AGENT_CONFIG</c>.</summary>
    public IReadOnlyList<string> ReservedVariables { get; init; } = [];

    /// <summary>Overrides of the command line, each <c>key=value</c>.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];

    /// <summary>How the command line names an override, for messages.</summary>
    public string OverrideOption { get; init; } = "--set";

    /// <summary>The environment of this process.</summary>
    public static IReadOnlyDictionary<string, string> ProcessEnvironment()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
            if (entry is { Key: string name, Value: string value })
                variables[name] = value;
        return variables;
    }
}
