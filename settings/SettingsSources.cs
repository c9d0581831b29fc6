namespace Monitoring.Settings;

/// <summary>Where settings come from; a later source wins: file, environment, command line.</summary>
public sealed record SettingsSources
{
    /// <summary>Path of the YAML file; null to use none.</summary>
    public string? File { get; init; }

    /// <summary>Prefix of environment variables, such as <c>GPU_AGENT_</c>; <c>GPU_AGENT_SAMPLING__FAST_INTERVAL</c> sets <c>sampling.fast_interval</c>.</summary>
    public string EnvironmentPrefix { get; init; } = "";

    /// <summary>The environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Overrides of the command line, each <c>key=value</c>.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];
}
