using Monitoring.Settings.Loading;
using Monitoring.Settings.Schema;
using Monitoring.Settings.Sources;

namespace Monitoring.Settings;

/// <summary>Reads a settings class from a YAML file, the environment and the command line, and reports everything that is wrong at once.</summary>
public static class SettingsLoader
{
    /// <summary>
    /// Loads <typeparamref name="T"/>; the value is null when there is any error. A list or map replaces the one of an earlier
    /// source; <c>list.0.key</c> and <c>map.key</c> in the environment and on the command line change one element of it.
    /// </summary>
    /// <exception cref="InvalidOperationException">The class itself is no settings class: a property of an unknown type or without <see cref="SettingAttribute"/>.</exception>
    public static SettingsLoad<T> Load<T>(SettingsSources sources) where T : class, new()
    {
        var settings = new T();
        var errors = new List<SettingError>();
        var assigner = new SettingsAssigner(SectionSchema.Of(typeof(T)), settings, errors, sources.EnvironmentPrefix);

        if (sources.File is { } path && ConfigurationFile.Read(path, errors) is { } top)
            assigner.AssignAll(top);
        foreach (var assignment in EnvironmentSource.Read(sources))
            assigner.Assign(assignment, isForeign: EnvironmentSource.IsServiceLink(assignment));
        foreach (var assignment in OverrideSource.Read(sources, errors))
            assigner.Assign(assignment, isForeign: false);

        RuleCheck.Run(SectionSchema.Of(typeof(T)), settings, assigner.Origins, errors);
        return new SettingsLoad<T>(errors is [] ? settings : null, Bounded(errors, sources)) { Origins = assigner.Origins };
    }

    /// <summary>Nobody reads more at once, and a log that takes each line would lose what stands before.</summary>
    private const int MaximumErrors = 100;

    private static List<SettingError> Bounded(List<SettingError> errors, SettingsSources sources) => errors.Count <= MaximumErrors
        ? errors
        : [.. errors[..MaximumErrors], new SettingError(sources.File ?? "configuration", "", null, $"{errors.Count - MaximumErrors} more mistakes are not shown; correct these first")];
}
