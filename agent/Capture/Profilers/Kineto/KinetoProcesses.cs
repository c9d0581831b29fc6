using Monitoring.Agent.Devices.Sockets;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>A process that asks for configurations.</summary>
/// <param name="Pid">As the kernel says it, in the agent's process namespace.</param>
/// <param name="Uid">Its user, as the kernel says it.</param>
/// <param name="Address">Where it is answered; a new one at each start of PyTorch, so that it tells a process from a later one of the same number.</param>
/// <param name="JobId">What it claims as its job; 0 for none.</param>
/// <param name="OwnPids">What it claims as its number and its ancestors' in its own namespace.</param>
/// <param name="IsBusy">True while its profiler is at work.</param>
/// <param name="Asked">When it asked last, by the monotonic clock.</param>
/// <param name="Interval">How often it asks.</param>
internal sealed record KinetoProcess(
    long Pid, uint Uid, DatagramAddress Address, long JobId, IReadOnlyList<int> OwnPids, bool IsBusy, long Asked, TimeSpan Interval);

/// <summary>The processes that ask, dropped after a minute of silence. The endpoint's thread writes, anyone reads.</summary>
internal sealed class KinetoProcesses(TimeProvider time)
{
    /// <summary>How often PyTorch asks unless its own configuration says otherwise.</summary>
    internal static readonly TimeSpan UsualInterval = TimeSpan.FromSeconds(5);

    /// <summary>Who has not asked for so long is gone: dynolog's own limit.</summary>
    internal static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    /// <summary>More than a node has: 8 processes and 32 helpers of each are 264.</summary>
    internal const int Most = 2048;

    // One user cannot take all places, one process not those of others.
    private const int MostOfUser = 1024;
    private const int MostOfProcess = 8;

    private readonly Lock gate = new();
    private readonly Dictionary<DatagramAddress, KinetoProcess> known = [];

    /// <summary>Those that asked within the last minute.</summary>
    internal IReadOnlyList<KinetoProcess> Known
    {
        get
        {
            lock (gate)
            {
                DropSilent();
                return [.. known.Values];
            }
        }
    }

    /// <summary>Takes note of a process that asks.</summary>
    /// <returns>Null where there is no room for one more.</returns>
    internal KinetoProcess? Note(DatagramSender sender, DatagramAddress address, KinetoRequest.Configuration request)
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            var interval = UsualInterval;
            if (known.TryGetValue(address, out var before) && before.Pid == sender.Pid && before.Uid == sender.Uid)
            {
                var gap = time.GetElapsedTime(before.Asked, now);
                // One that asks twice at once, as after a lost answer, does not go on like that.
                if (gap > UsualInterval && gap < Silence) interval = gap;
            }
            else if (!HasRoom(sender))
            {
                DropSilent();
                if (!HasRoom(sender)) return null;
            }
            return known[address] = new KinetoProcess(sender.Pid, sender.Uid, address, request.JobId, request.Pids, !request.IsIdle, now, interval);
        }
    }

    /// <summary>How many processes claim to be of a job.</summary>
    internal int CountOf(long jobId)
    {
        lock (gate) return known.Values.Count(process => process.JobId == jobId);
    }

    private bool HasRoom(DatagramSender sender)
    {
        if (known.Count >= Most) return false;
        var (ofUser, ofProcess) = (0, 0);
        foreach (var process in known.Values)
        {
            if (process.Uid == sender.Uid) ofUser++;
            if (process.Pid == sender.Pid) ofProcess++;
        }
        return ofUser < MostOfUser && ofProcess < MostOfProcess;
    }

    private void DropSilent()
    {
        foreach (var (address, process) in known)
            if (time.GetElapsedTime(process.Asked) > Silence) known.Remove(address);
    }
}
