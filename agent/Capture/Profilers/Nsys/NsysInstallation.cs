namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>An nsys of this node and what it knows.</summary>
/// <param name="Program">Its full path.</param>
/// <param name="Version">Such as <c>2023.4.4.54-234433681190v0</c>.</param>
/// <param name="Profile">Options of <c>nsys profile</c>; used to ask for its GPUs.</param>
/// <param name="Start">Options of <c>nsys start</c>.</param>
/// <param name="Export">Options of <c>nsys export</c>.</param>
internal sealed record NsysInstallation(string Program, string Version, NsysOptions Profile, NsysOptions Start, NsysOptions Export)
{
    /// <summary>The number that orders versions; 0.0 where it cannot be read.</summary>
    internal Version Order => OrderOf(Version);

    internal static Version OrderOf(string version) => System.Version.TryParse(version.Split('-')[0], out var order) ? order : new Version(0, 0);
}
