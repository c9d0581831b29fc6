using System.Net.Sockets;
using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Microsoft.Extensions.Hosting.Systemd;

/// <summary>
/// Sends states to the socket that <c>NOTIFY_SOCKET</c> names. A notification that cannot be delivered is counted and logged
/// once: a service that works must not fall because its manager restarts.
/// </summary>
[UnsupportedOSPlatform("browser")]
public partial class SystemdNotifier : ISystemdNotifier
{
    internal const string SocketVariable = "NOTIFY_SOCKET";

    // The manager normally reads at once. When it hangs its queue fills up (net.unix.max_dgram_qlen) and a send would block;
    // the sampling loop that sends WATCHDOG=1 may not hang with it.
    private static readonly TimeSpan DefaultSendTimeout = TimeSpan.FromSeconds(1);

    private readonly string? _address;
    private readonly TimeSpan _sendTimeout;
    private readonly ILogger _logger;
    private long _undelivered;

    /// <summary>Uses the socket that the environment names, if any.</summary>
    public SystemdNotifier() : this(Environment.GetEnvironmentVariable(SocketVariable), NullLogger.Instance)
    {
    }

    internal SystemdNotifier(string? socket, ILogger logger, TimeSpan? sendTimeout = null)
    {
        _address = ToAddress(socket);
        _logger = logger;
        _sendTimeout = sendTimeout ?? DefaultSendTimeout;
    }

    /// <summary>Whether a notification socket was given.</summary>
    public bool IsEnabled => _address is not null;

    /// <summary>Notifications that did not reach the socket since the start.</summary>
    internal long Undelivered => Volatile.Read(ref _undelivered);

    /// <summary>Sends the state; does nothing without a socket and never throws because of one.</summary>
    public void Notify(ServiceState state)
    {
        if (_address is null)
            return;
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified)
            {
                SendTimeout = (int)_sendTimeout.TotalMilliseconds,
            };
            socket.Connect(new UnixDomainSocketEndPoint(_address));
            socket.Send(state.Utf8);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentOutOfRangeException)
        {
            // ArgumentOutOfRangeException: the path is longer than a Unix socket address holds (108 bytes).
            if (Interlocked.Increment(ref _undelivered) == 1)
                LogUndelivered(_logger, _address.Replace('\0', '@'), state.ToString(), exception.Message);
        }
    }

    /// <summary>A leading <c>@</c> stands for the zero byte of an abstract address; only absolute paths are valid otherwise.</summary>
    private static string? ToAddress(string? socket) => socket switch
    {
        null or "" => null,
        ['@', .. var name] => "\0" + name,
        _ => socket,
    };

    [LoggerMessage(EventId = 9101, Level = LogLevel.Warning,
        Message = "systemd was not reached at {Socket} with {State}: {Reason} Further failures are counted only.")]
    private static partial void LogUndelivered(ILogger logger, string socket, string state, string reason);
}
