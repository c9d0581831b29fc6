namespace Monitoring.Settings;

/// <summary>Describes one setting: the text for documentation and errors, and the limits of its value.</summary>
/// <param name="help">One sentence that says what the setting does.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SettingAttribute(string help) : Attribute
{
    /// <summary>One sentence that says what the setting does.</summary>
    public string Help => help;

    /// <summary>Smallest value, inclusive, in the notation of the configuration file: <c>20ms</c>, <c>1</c>; of a list, for each element.</summary>
    public string? Minimum { get; init; }

    /// <summary>Largest value, inclusive, in the notation of the configuration file.</summary>
    public string? Maximum { get; init; }

    /// <summary>A password or token: shown as asterisks in errors and reports.</summary>
    public bool Secret { get; init; }
}
