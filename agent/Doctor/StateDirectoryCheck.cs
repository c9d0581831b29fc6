using System.Globalization;

namespace Monitoring.Agent.Doctor;

/// <summary>Where events and counters are kept: writable, with room.</summary>
internal sealed class StateDirectoryCheck() : DoctorCheck("state directory")
{
    private const long LeastFreeBytes = 512L << 20;

    protected override IEnumerable<Finding> Look(DoctorNode node)
    {
        var set = node.Settings.StateDirectory.Length > 0;
        var path = set ? node.Settings.StateDirectory : node.Variable("STATE_DIRECTORY") is { Length: > 0 } given ? given.Split(':')[0] : "/var/lib/gpu-agent";
        if (!node.Exists(path))
        {
            yield return set
                ? Finding.Failure($"{path} does not exist", "make it, owned by the agent's user; or leave state_directory empty, and systemd makes one (StateDirectory=)")
                : Finding.Information($"{path} does not exist: the service makes it at its first start; an agent started by hand keeps events in memory alone", "set state_directory");
            yield break;
        }
        if (node.WhyClosed(path, FileAccess.Write) is { } why) yield return Finding.Warning($"{node.User} cannot write into {path}: {why}", "the service's own user can if systemd made it; otherwise chown it");
        else yield return Finding.Ok($"{node.User} can write into {path}");
        if (node.FreeBytes(node.Place(path)) is not { } free) yield break;
        var room = string.Create(CultureInfo.InvariantCulture, $"{free / (double)(1 << 30):0.0} GiB free");
        yield return free < LeastFreeBytes ? Finding.Failure($"{path} has only {room}: events will be lost once it is full", "make room; du -xsh /var/* shows where it went") : Finding.Ok(room);
    }
}
