using System.Net;
using System.Net.Sockets;

namespace Monitoring.Tests;

/// <summary>
/// Loopback ports for servers that must be told theirs before they start. They lie below those that the kernel gives to connections and to
/// listeners that ask for any (32768 on, <c>net.ipv4.ip_local_port_range</c>), and each is given once: no other test gets one in between.
/// </summary>
internal static class FreePort
{
    private const int First = 20_000;
    private const int Count = 10_000;

    // Runs of the tests beside each other begin at different places.
    private static int given = Random.Shared.Next(Count);

    /// <summary>The next port that nobody listens on.</summary>
    internal static int Take()
    {
        for (var step = 0; step < Count; step++)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref given) % Count);
            if (IsFree(port)) return port;
        }

        throw new InvalidOperationException($"No port from {First} to {First + Count - 1} is free.");
    }

    /// <summary>The same as <c>127.0.0.1:port</c>.</summary>
    internal static string TakeAddress() => new IPEndPoint(IPAddress.Loopback, Take()).ToString();

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
