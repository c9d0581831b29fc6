using System.Net.Sockets;
using System.Text;

namespace Monitoring.Simulator.Control;

/// <summary>The socket by which a running node is told what to do: a file in the node's directory.</summary>
internal static class ControlSocket
{
    public const string FileName = "gpu-simulator.sock";

    /// <summary>One request or reply; an incident with all its parameters has some 300 bytes.</summary>
    public const int MaximumLineBytes = 16 * 1024;

    /// <summary>Linux limit of a socket's path, terminator left out.</summary>
    private const int MaximumPathBytes = 107;

    /// <summary>Address of the socket of a node.</summary>
    public static UnixDomainSocketEndPoint EndPoint(string directory)
    {
        var path = Path.Combine(Path.GetFullPath(directory), FileName);
        return Encoding.UTF8.GetByteCount(path) <= MaximumPathBytes
            ? new UnixDomainSocketEndPoint(path)
            : throw new ControlException($"the directory '{directory}' is too long for a socket in it: {Encoding.UTF8.GetByteCount(path)} bytes with {FileName}, at most {MaximumPathBytes}; use a shorter one");
    }

    /// <summary>Reads one line, without its end; null if the other side ends before.</summary>
    public static async Task<string?> ReadLineAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[MaximumLineBytes];
        var length = 0;
        while (length < buffer.Length)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), SocketFlags.None, cancellation).ConfigureAwait(false);
            if (received == 0) return null;
            length += received;
            if (buffer.AsSpan(0, length).IndexOf((byte)'\n') is >= 0 and var end) return Encoding.UTF8.GetString(buffer, 0, end);
        }
        return null;
    }

    public static async Task WriteLineAsync(Socket socket, string line, CancellationToken cancellation)
    {
        var bytes = Encoding.UTF8.GetBytes(line + "\n");
        for (var sent = 0; sent < bytes.Length;)
            sent += await socket.SendAsync(bytes.AsMemory(sent), SocketFlags.None, cancellation).ConfigureAwait(false);
    }
}

/// <summary>A running node cannot be reached, or refused; the message says why and what to do.</summary>
internal sealed class ControlException(string message) : Exception(message);
