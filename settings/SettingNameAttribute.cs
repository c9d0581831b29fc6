namespace Monitoring.Settings;

/// <summary>How a value of an enumeration is written where its name in C# cannot say it, such as <c>dcgm-exporter-4.9</c>.</summary>
/// <param name="name">The value in the configuration.</param>
[AttributeUsage(AttributeTargets.Field)]
public sealed class SettingNameAttribute(string name) : Attribute
{
    /// <summary>The value in the configuration.</summary>
    public string Name => name;
}
