using System.Collections.Concurrent;
using Monitoring.Agent.Devices.Sockets;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>What the endpoint did, by outcome.</summary>
/// <param name="Answered">Requests that were answered.</param>
/// <param name="Handed">Configurations that were handed out.</param>
/// <param name="Malformed">Datagrams that are no request; not answered.</param>
/// <param name="Unanswerable">Requests from an address that must not be answered.</param>
/// <param name="Crowded">Requests of processes that had no room among those known; answered.</param>
/// <param name="Undelivered">Answers that the kernel did not take.</param>
internal sealed record KinetoCounts(long Answered, long Handed, long Malformed, long Unanswerable, long Crowded, long Undelivered);

/// <summary>An answer on its way.</summary>
internal sealed record KinetoAnswer(byte[] Frame, DatagramAddress To, KinetoOffer? Offer);

/// <summary>
/// Decides what a request is answered, without waiting for anything: a client looks for its answer for 50 ms only. A configuration goes
/// to the process alone that it was made for, by the kernel's word for who that is, and only while its profiler is idle.
/// </summary>
internal sealed class KinetoDesk(KinetoAddresses addresses, TimeProvider time)
{
    private static readonly byte[] Nothing = KinetoFrames.Configured([]);

    // One offer a process; the profiler makes them only for processes that are known, of which there is a limit.
    private readonly ConcurrentDictionary<DatagramAddress, KinetoOffer> offers = new();
    private long answered;
    private long handed;
    private long malformed;
    private long unanswerable;
    private long crowded;
    private long undelivered;

    internal KinetoProcesses Processes { get; } = new(time);

    internal KinetoCounts Counts => new(
        Volatile.Read(ref answered), Volatile.Read(ref handed), Volatile.Read(ref malformed), Volatile.Read(ref unanswerable), Volatile.Read(ref crowded), Volatile.Read(ref undelivered));

    /// <summary>Keeps a configuration for a process until it asks.</summary>
    /// <param name="process">Who may have it.</param>
    /// <param name="within">For how long; after that it is not handed out.</param>
    /// <returns>Null where one waits for it already.</returns>
    internal KinetoOffer? Offer(KinetoProcess process, byte[] configuration, TimeSpan within)
    {
        var offer = new KinetoOffer(process, configuration, time.GetTimestamp() + (long)(within.TotalSeconds * time.TimestampFrequency));
        return offers.TryAdd(process.Address, offer) ? offer : null;
    }

    /// <summary>Takes an offer away, handed out or not.</summary>
    internal void Remove(KinetoOffer offer)
    {
        offer.Withdraw();
        offers.TryRemove(KeyValuePair.Create(offer.Process.Address, offer));
    }

    /// <summary>What to send for a datagram.</summary>
    /// <returns>Null for nothing at all.</returns>
    internal KinetoAnswer? Answer(DatagramSender sender, ReadOnlySpan<byte> datagram)
    {
        if (KinetoFrames.Parse(datagram) is not { } request)
        {
            Interlocked.Increment(ref malformed);
            return null;
        }
        if (!addresses.IsClient(sender) || sender.Address is not { } address)
        {
            Interlocked.Increment(ref unanswerable);
            return null;
        }
        if (request is KinetoRequest.Registration registration) return new KinetoAnswer(KinetoFrames.Registered(Processes.CountOf(registration.JobId)), address, null);
        if (Processes.Note(sender, address, (KinetoRequest.Configuration)request) is not { } process)
        {
            Interlocked.Increment(ref crowded);
            return new KinetoAnswer(Nothing, address, null);
        }
        return OfferFor(process) is { } offer ? new KinetoAnswer(KinetoFrames.Configured(offer.Configuration), address, offer) : new KinetoAnswer(Nothing, address, null);
    }

    /// <summary>How sending went.</summary>
    internal void Sent(KinetoAnswer answer, DatagramSend result)
    {
        Interlocked.Increment(ref result == DatagramSend.Sent ? ref answered : ref undelivered);
        if (result == DatagramSend.Sent && answer.Offer is not null) Interlocked.Increment(ref handed);
        answer.Offer?.Tried(result);
    }

    private KinetoOffer? OfferFor(KinetoProcess process) =>
        !process.IsBusy && offers.TryGetValue(process.Address, out var offer) && offer.Process.Pid == process.Pid && offer.Process.Uid == process.Uid
        && time.GetTimestamp() < offer.Until && offer.TryTake() ? offer : null;
}
