using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

/// <summary>
/// A job's end of the protocol as PyTorch has it: it looks nine times at intervals of 10 ms for an answer, aborts on an answer from a
/// wrong place and hangs on one that announces more than it has. Written with .NET's own sockets, so that it shares nothing with the agent's.
/// </summary>
internal sealed class LibkinetoClient : IDisposable
{
    private const int LooksOfPyTorch = 9;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(10);

    private readonly Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly string directory;
    private readonly UnixDomainSocketEndPoint agent;

    /// <param name="directory">KINETO_IPC_SOCKET_DIR; empty for abstract names.</param>
    /// <param name="agentName">Other than the protocol's, so that tests do not meet each other.</param>
    internal LibkinetoClient(string directory = "", string agentName = "dynolog", string? ownName = null)
    {
        this.directory = directory;
        ownName ??= $"dynoconfigclient{Guid.NewGuid()}";
        agent = new UnixDomainSocketEndPoint(directory.Length > 0 ? $"{directory}/{agentName}" : $"\0{agentName}\0");
        socket.Bind(new UnixDomainSocketEndPoint(directory.Length > 0 ? $"{directory}/{ownName}" : $"\0{ownName}\0"));
    }

    /// <summary>How often it looks. Who does not test how fast the answer is looks longer: a loaded machine lets nobody run for 90 ms.</summary>
    internal int Looks { get; init; } = LooksOfPyTorch;

    /// <summary>What ended or would hang the job; null while nothing did.</summary>
    internal string? Death { get; private set; }

    /// <summary>The last answer as it came, header and all.</summary>
    internal byte[] LastFrame { get; private set; } = [];

    /// <summary>Asks for a configuration.</summary>
    /// <returns>The text; empty for none, null where no answer came in time or nobody was there.</returns>
    internal string? Ask(int wants = 3, long jobId = 0, params int[] pids)
    {
        if (!Send(Request(wants, jobId, pids.Length > 0 ? pids : [Environment.ProcessId, 1]))) return null;
        return Receive();
    }

    /// <summary>Sends any bytes.</summary>
    internal bool Send(byte[] frame)
    {
        try
        {
            socket.SendTo(frame, agent);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Looks for an answer.</summary>
    internal string? Receive()
    {
        for (var look = 0; look < Looks; look++)
        {
            if (!socket.Poll(LookInterval, SelectMode.SelectRead)) continue;
            var buffer = new byte[64 * 1024];
            System.Net.EndPoint sender = new UnixDomainSocketEndPoint("/unknown");
            var length = socket.ReceiveFrom(buffer, ref sender);
            LastFrame = buffer[..length];
            return Check(LastFrame, sender.ToString() ?? "");
        }
        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        socket.Dispose();
    }

    internal static byte[] Request(int wants, long jobId, params int[] pids)
    {
        var frame = new byte[40 + 16 + 4 * pids.Length];
        BinaryPrimitives.WriteInt64LittleEndian(frame, frame.Length - 40);
        "req"u8.CopyTo(frame.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(40), wants);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(44), pids.Length);
        BinaryPrimitives.WriteInt64LittleEndian(frame.AsSpan(48), jobId);
        for (var i = 0; i < pids.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(56 + 4 * i), pids[i]);
        return frame;
    }

    private string? Check(byte[] frame, string sender)
    {
        // .NET writes abstract names with @ for the first 0.
        var isAbstract = sender.StartsWith('@') || sender.StartsWith('\0');
        if (directory.Length == 0 && !isAbstract) Death = $"Expected abstract socket, got {sender}";
        else if (directory.Length > 0 && !sender.StartsWith(directory, StringComparison.Ordinal)) Death = $"Unexpected socket name: {sender}";
        else if (frame.Length < 40 || BinaryPrimitives.ReadInt64LittleEndian(frame) != frame.Length - 40) Death = $"size {(frame.Length < 8 ? -1 : BinaryPrimitives.ReadInt64LittleEndian(frame))} of {frame.Length} bytes";
        else return Encoding.UTF8.GetString(frame, 40, frame.Length - 40);
        return null;
    }
}
