using System.Text;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>Hands configurations out at our own endpoint, to the processes that ask there.</summary>
internal sealed class EndpointWay(KinetoDesk desk, TimeProvider time) : IKinetoWay
{
    /// <inheritdoc/>
    public IReadOnlyList<KinetoClient> Clients(CaptureScope scope, out string words)
    {
        var wanted = scope.Processes.Select(static process => process.Pid).ToHashSet();
        var known = desk.Processes.Known;
        // A process that loaded PyTorch twice asks twice; the one that asked last is alive.
        IReadOnlyList<KinetoClient> clients = [.. known.Where(process => wanted.Contains(process.Pid)).GroupBy(static process => process.Pid)
            .Select(static group => group.MaxBy(static process => process.Asked)).OfType<KinetoProcess>().Select(Client).OrderBy(static client => client.Pid)];
        words = clients.Count > 0
            ? ""
            : $"none of the {wanted.Count} processes asks for profiles ({known.Count} on this node do): start the job with KINETO_USE_DAEMON=1 and PyTorch 2.10 or later; pods without the host's network need KINETO_IPC_SOCKET_DIR too";
        return clients;
    }

    /// <inheritdoc/>
    public async Task<string?> HandAsync(KinetoClient client, string configuration, TimeSpan within, CancellationToken cancellationToken)
    {
        if (client.Known is null || desk.Offer(client.Known, Encoding.ASCII.GetBytes(configuration), within) is not { } offer) return "another request waits for it";
        try
        {
            // It cannot end before the process asked or the time is over; then it is taken back, unless it is being sent this very moment.
            return await offer.Handed.WaitAsync(within, time, cancellationToken) ? null : "it was gone when it was answered";
        }
        catch (Exception fault) when (fault is TimeoutException or OperationCanceledException)
        {
            if (!offer.Withdraw() && await offer.Handed) return null;
            return fault is TimeoutException ? "it did not ask in time, or its profiler was at work" : "the capture was ended before it asked";
        }
        finally
        {
            desk.Remove(offer);
        }
    }

    private KinetoClient Client(KinetoProcess process)
    {
        var next = process.Interval - time.GetElapsedTime(process.Asked);
        // Late already: it lost one answer, or is about to ask.
        return new KinetoClient(process.Pid, process.Uid, process.OwnPids[0], process.JobId, process.Interval, next > TimeSpan.Zero ? next : process.Interval, process);
    }
}
