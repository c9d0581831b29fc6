using System.Net.Sockets;
using System.Text;

namespace Monitoring.Tests.Dropins.Systemd;

/// <summary>The manager's end of a notification socket.</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };
    private readonly byte[] _buffer = new byte[4096];

    internal NotifySocket(bool isAbstract)
    {
        string name = "monitoring-test-" + Guid.NewGuid().ToString("N");
        Variable = isAbstract ? "@" + name : Path.Combine(Path.GetTempPath(), name);
        _socket.Bind(new UnixDomainSocketEndPoint(isAbstract ? "\0" + name : Variable));
    }

    /// <summary>What stands in NOTIFY_SOCKET.</summary>
    internal string Variable { get; }

    internal bool HasMore => _socket.Available > 0;

    internal string Receive() => Encoding.UTF8.GetString(_buffer, 0, _socket.Receive(_buffer));

    public void Dispose()
    {
        _socket.Dispose();
        if (!Variable.StartsWith('@'))
            File.Delete(Variable);
    }
}
