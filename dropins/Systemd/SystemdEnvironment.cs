using System.Globalization;

namespace Microsoft.Extensions.Hosting.Systemd;

/// <summary>
/// What a process can see of its service manager. Sources: systemd.exec(5) for the variables, proc(5) for the parent.
/// </summary>
internal sealed record SystemdEnvironment(
    int ProcessId, string? ExecutedProcessId, string? NotifySocket, string? ListenProcessId, string? ParentName)
{
    /// <summary>
    /// True when systemd started this very process: by its own word (<c>SYSTEMD_EXEC_PID</c>, since version 248), as PID 1
    /// of a container that was handed a socket, or, before 248, because the parent is called systemd.
    /// </summary>
    internal bool IsService =>
        (int.TryParse(ExecutedProcessId, NumberStyles.None, CultureInfo.InvariantCulture, out int executed) && executed == ProcessId)
        || (ProcessId == 1
            ? !string.IsNullOrEmpty(NotifySocket) || !string.IsNullOrEmpty(ListenProcessId)
            : ParentName == "systemd");

    /// <summary>Also true behind a wrapper script (<c>NotifyAccess=all</c>): somebody waits for READY=1 on the socket.</summary>
    internal bool WantsNotifications => IsService || !string.IsNullOrEmpty(NotifySocket);

    internal static SystemdEnvironment Current() => OperatingSystem.IsLinux()
        ? new(
            Environment.ProcessId,
            Environment.GetEnvironmentVariable("SYSTEMD_EXEC_PID"),
            Environment.GetEnvironmentVariable(SystemdNotifier.SocketVariable),
            Environment.GetEnvironmentVariable("LISTEN_PID"),
            ReadParentName())
        : new(Environment.ProcessId, null, null, null, null);

    /// <summary>Null where /proc is not readable or hides other users' processes (<c>ProtectProc=invisible</c>).</summary>
    private static string? ReadParentName()
    {
        try
        {
            return ParseParent(File.ReadAllText("/proc/self/stat")) is { } parent
                ? File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{parent}/comm")).TrimEnd('\n')
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Field 4 of /proc/self/stat; field 2, the name, stands in parentheses and may itself hold spaces and parentheses.</summary>
    internal static int? ParseParent(ReadOnlySpan<char> stat)
    {
        ReadOnlySpan<char> rest = stat[(stat.LastIndexOf(')') + 1)..].TrimStart();
        int space = rest.IndexOf(' ');
        if (space < 0)
            return null;
        rest = rest[(space + 1)..];
        int end = rest.IndexOf(' ');
        return int.TryParse(end < 0 ? rest : rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out int parent) ? parent : null;
    }
}
