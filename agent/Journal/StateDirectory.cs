namespace Monitoring.Agent.Journal;

/// <summary>The directory for what must outlive a restart.</summary>
internal static class StateDirectory
{
    /// <summary>What systemd sets for <c>StateDirectory=</c>; several directories are separated by colons (systemd.exec(5)).</summary>
    private const string Variable = "STATE_DIRECTORY";

    /// <summary>The directory as it was set, else systemd's; empty for none.</summary>
    internal static string Resolve(string setting, Func<string, string?> environment) =>
        setting.Length > 0 ? Path.GetFullPath(setting) : (environment(Variable) ?? "").Split(':')[0];
}
