using Monitoring.Settings;

namespace Monitoring.Tests.Settings;

/// <summary>Loads the sample settings in one call.</summary>
internal static class Loading
{
    internal static SettingsLoad<SampleSettings> Load(string? yaml = null, Dictionary<string, string>? environment = null, params string[] overrides)
    {
        using var file = new TemporaryFile(yaml ?? "");
        return SettingsLoader.Load<SampleSettings>(new SettingsSources
        {
            File = file.Path,
            EnvironmentPrefix = "GPU_AGENT_",
            Environment = environment ?? [],
            ReservedVariables = ["GPU_AGENT_CONFIG"],
            Overrides = overrides,
        });
    }

    /// <summary>The errors as a person reads them, the folder of the file left out.</summary>
    internal static string[] Errors(string? yaml = null, Dictionary<string, string>? environment = null, params string[] overrides) =>
        [.. Load(yaml, environment, overrides).Errors.Select(static error => Shorten(error.ToString()))];

    private static string Shorten(string line) =>
        System.Text.RegularExpressions.Regex.Replace(line, @"\S*/settings-[^/]*/", "");
}
