namespace Monitoring.Settings;

/// <summary>Describes a group of settings, for the documentation; a <see cref="SettingAttribute"/> on the property that holds the group says it as well.</summary>
/// <param name="help">One sentence that says what the settings are about.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SettingsSectionAttribute(string help) : Attribute
{
    /// <summary>One sentence that says what the settings are about.</summary>
    public string Help => help;
}
