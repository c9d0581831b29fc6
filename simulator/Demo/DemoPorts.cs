using System.Net;
using System.Net.Sockets;

namespace Monitoring.Simulator.Demo;

/// <summary>Loopback ports that nobody listens on: the usual one where it is free, so that addresses are the expected ones.</summary>
internal sealed class DemoPorts
{
    private readonly HashSet<int> _given = [];

    /// <summary>A free port, <paramref name="usual"/> if possible.</summary>
    public int Take(int usual)
    {
        if (!_given.Contains(usual) && IsFree(usual))
        {
            _given.Add(usual);
            return usual;
        }
        int port;
        do
            port = AnyFree();
        while (!_given.Add(port));
        return port;
    }

    private static bool IsFree(int port)
    {
        // Connected sockets of the past (TIME_WAIT) do not count, as they do not for the servers that bind here.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        try
        {
            listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
            listener.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int AnyFree()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)listener.LocalEndPoint!).Port;
    }
}
