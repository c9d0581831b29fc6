using System.Globalization;
using System.Text;

namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>What procfs tells of nsys daemons and of the processes of their sessions, read in bounded parts. A process that ends while it is read is one that is not there.</summary>
/// <param name="procfs">Where procfs is; a test has its own.</param>
internal sealed class NsysProcesses(string procfs = "/proc")
{
    /// <summary>The kernel allows 128 KiB for one variable; an environment larger than this is read in part.</summary>
    private const int BytesAtMost = 512 * 1024;

    /// <summary>The variables by which nsys marks the processes of a session.</summary>
    private const string SessionVariable = "NSYS_PROFILING_SESSION_ID";
    private const string DirectoryVariable = "NSYS_AGENT_TMP_DIR";

    /// <summary>The daemons of nsys sessions whose name begins so.</summary>
    internal IReadOnlyList<NsysAgentProcess> NsysAgents(string namePrefix)
    {
        var found = new List<NsysAgentProcess>();
        foreach (var folder in Folders())
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) continue;
            var words = Words(pid, "cmdline");
            if (words.Contains("--start-agent") && words.FirstOrDefault(static word => word.StartsWith("--session-name=", StringComparison.Ordinal)) is { } option
                && option["--session-name=".Length..] is var name && name.StartsWith(namePrefix, StringComparison.Ordinal) && Describe(pid, name) is { } agent)
                found.Add(agent);
        }
        return found;
    }

    /// <summary>True while the process is the daemon of this session.</summary>
    internal bool IsNsysAgent(int pid, string sessionName) => Words(pid, "cmdline") is var words && words.Contains("--start-agent") && words.Contains($"--session-name={sessionName}");

    /// <summary>The session that a process was started in and the directory through which it is found; null for none or where that may not be read.</summary>
    internal (long Id, string Directory)? SessionOf(long pid)
    {
        var environment = Words(pid, "environ");
        return long.TryParse(Value(environment, SessionVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Value(environment, DirectoryVariable) is { Length: > 0 } directory
            ? (id, directory) : null;
    }

    /// <summary>A namespace of a process, such as <c>pid:[4026531836]</c>; empty where that may not be read.</summary>
    internal string Namespace(string pid, string kind)
    {
        try
        {
            return new FileInfo(Path.Combine(procfs, pid, "ns", kind)).LinkTarget ?? "";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>The user and group that a process acts as; null where it is gone.</summary>
    internal (uint UserId, uint GroupId)? Owner(string pid) =>
        Status(pid, "Uid:") is { } user && Status(pid, "Gid:") is { } group ? (user, group) : null;

    /// <summary>True where the agent holds this capability, a bit of <c>CapEff</c>.</summary>
    internal bool HasCapability(int bit) => Capabilities("self") is { } set && (set >> bit & 1) == 1;

    /// <summary>The capabilities of a process, <c>CapEff</c>; null where it is gone.</summary>
    internal ulong? Capabilities(string pid) =>
        Lines(pid).FirstOrDefault(static line => line.StartsWith("CapEff:", StringComparison.Ordinal)) is { } line
        && ulong.TryParse(line["CapEff:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var set) ? set : null;

    /// <summary>The kernel's setting for who may sample processors; null where it cannot be read.</summary>
    internal int? PerfEventParanoid
    {
        get
        {
            try
            {
                return int.TryParse(File.ReadAllText(Path.Combine(procfs, "sys/kernel/perf_event_paranoid")), NumberStyles.AllowLeadingSign | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var value) ? value : null;
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    private NsysAgentProcess? Describe(int pid, string name)
    {
        var id = pid.ToString(CultureInfo.InvariantCulture);
        if (Owner(id) is not { } owner) return null;
        var directory = Value(Words(pid, "environ"), "TMPDIR") ?? "/tmp";
        string program;
        try
        {
            program = new FileInfo(Path.Combine(procfs, id, "exe")).LinkTarget ?? "";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            program = "";
        }
        return new NsysAgentProcess(pid, name, program, owner.UserId, owner.GroupId, directory, Namespace(id, "pid"), Namespace(id, "mnt"));
    }

    private string[] Folders()
    {
        try
        {
            return Directory.GetDirectories(procfs);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Words that end in NUL, as in <c>cmdline</c> and <c>environ</c>; none where the file may not be read.</summary>
    private string[] Words(long pid, string file)
    {
        try
        {
            using var stream = File.OpenRead(Path.Combine(procfs, pid.ToString(CultureInfo.InvariantCulture), file));
            var bytes = new byte[8 * 1024];
            var length = 0;
            while (stream.Read(bytes, length, bytes.Length - length) is var count and > 0)
            {
                length += count;
                if (length < bytes.Length) continue;
                if (length >= BytesAtMost) break;
                Array.Resize(ref bytes, length * 2);
            }
            return Encoding.UTF8.GetString(bytes, 0, length).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private uint? Status(string pid, string key) =>
        Lines(pid).FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is [_, _, var effective, ..]
        && uint.TryParse(effective, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private string[] Lines(string pid)
    {
        try
        {
            return File.ReadAllLines(Path.Combine(procfs, pid, "status"));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string? Value(string[] environment, string name) =>
        environment.FirstOrDefault(word => word.StartsWith(name, StringComparison.Ordinal) && word.AsSpan(name.Length) is ['=', ..])?[(name.Length + 1)..];
}
