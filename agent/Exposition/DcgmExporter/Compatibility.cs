using Monitoring.Settings;

namespace Monitoring.Agent.Exposition.DcgmExporter;

/// <summary>Whose page the agent serves besides its own.</summary>
public enum Compatibility
{
    /// <summary>Nobody's.</summary>
    None,

    /// <summary>dcgm-exporter's up to 4.8.2.</summary>
    [SettingName("dcgm-exporter")]
    DcgmExporter,

    /// <summary>That of 4.8.3 and 4.8.4.</summary>
    [SettingName("dcgm-exporter-4.8.3")]
    DcgmExporter483,

    /// <summary>That of 4.9.0 and later.</summary>
    [SettingName("dcgm-exporter-4.9")]
    DcgmExporter49,
}
