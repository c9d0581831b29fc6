namespace Monitoring.Settings;

/// <summary>Reads a settings class from a YAML file, the environment and the command line, and reports everything that is wrong at once.</summary>
public static class SettingsLoader
{
    /// <summary>Loads <typeparamref name="T"/>; the value is null when there is any error.</summary>
    public static SettingsLoad<T> Load<T>(SettingsSources sources) where T : class, new() => throw new NotImplementedException();
}

/// <summary>The outcome of loading settings.</summary>
/// <param name="Value">The settings; null when there is any error.</param>
/// <param name="Errors">Everything that is wrong, in the order of the sources.</param>
public sealed record SettingsLoad<T>(T? Value, IReadOnlyList<SettingError> Errors) where T : class;
