using System.Runtime.InteropServices;

namespace Monitoring.Agent.Devices.Sockets;

/// <summary>What became of sending a datagram.</summary>
internal enum DatagramSend
{
    Sent,

    /// <summary>The receiver's queue is full; nothing was sent.</summary>
    Full,

    /// <summary>Nobody has that address any more, or it may not be written to.</summary>
    Gone,
}

/// <summary>Who sent a datagram, as the kernel says it.</summary>
/// <param name="Address">Where an answer goes; null for a socket without a name.</param>
/// <param name="Pid">The sender's process in our process namespace; 0 where it is in none of ours.</param>
/// <param name="Uid">Its user in our user namespace.</param>
internal sealed record DatagramSender(DatagramAddress? Address, int Pid, uint Uid);

/// <summary>A bound socket for datagrams between processes that tells who sent each. Receives and sends without ever waiting, but for <see cref="Wait"/>. Used by one thread.</summary>
internal sealed unsafe class DatagramSocket : IDisposable
{
    private const int AddressBytes = 2 + DatagramAddress.LongestName;
    private readonly int file;

    private DatagramSocket(int file) => this.file = file;

    /// <summary>Makes a socket and binds it.</summary>
    /// <returns>Null where somebody has this address already.</returns>
    /// <exception cref="IOException">It cannot be bound.</exception>
    internal static DatagramSocket? Bind(DatagramAddress address)
    {
        var file = Open();
        try
        {
            var on = 1;
            if (SocketImports.setsockopt(file, SocketImports.SocketLevel, SocketImports.PassCredentials, &on, sizeof(int)) < 0) throw Fault("SO_PASSCRED", address);
            Span<byte> bytes = stackalloc byte[AddressBytes + 1];
            var length = address.Write(bytes);
            fixed (byte* start = bytes)
            {
                if (SocketImports.bind(file, start, (uint)length) < 0)
                {
                    if (Marshal.GetLastPInvokeError() != SocketImports.AddressInUse) throw Fault("bind", address);
                    _ = SocketImports.close(file);
                    return null;
                }
            }
            return new DatagramSocket(file);
        }
        catch (IOException)
        {
            _ = SocketImports.close(file);
            throw;
        }
    }

    /// <summary>Whether a process has this address: a file stays when its process is gone.</summary>
    internal static bool IsAnswered(DatagramAddress address)
    {
        var file = Open();
        Span<byte> bytes = stackalloc byte[AddressBytes + 1];
        var length = address.Write(bytes);
        fixed (byte* start = bytes)
        {
            var result = SocketImports.connect(file, start, (uint)length);
            var error = Marshal.GetLastPInvokeError();
            _ = SocketImports.close(file);
            return result == 0 || error != SocketImports.Refused;
        }
    }

    /// <summary>Takes the next datagram, if there is one.</summary>
    /// <param name="buffer">Where its bytes go.</param>
    /// <param name="length">Its length, which may be more than had room.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="IOException">The socket is of no use any more.</exception>
    internal DatagramSender? Receive(Span<byte> buffer, out int length)
    {
        length = 0;
        var name = stackalloc byte[AddressBytes + 1];
        var identity = default(CredentialsMessage);
        fixed (byte* start = buffer)
        {
            var part = new MessagePart { Bytes = start, Length = (nuint)buffer.Length };
            while (true)
            {
                var message = new MessageHeader
                {
                    Name = name, NameLength = AddressBytes + 1, Parts = &part, PartCount = 1, Control = (byte*)&identity, ControlLength = (nuint)sizeof(CredentialsMessage),
                };
                var count = SocketImports.recvmsg(file, &message, SocketImports.DoNotWait | SocketImports.TrueLength | SocketImports.CloseOnExecOfPassed);
                if (count >= 0)
                {
                    length = (int)count;
                    return SenderOf(new ReadOnlySpan<byte>(name, (int)Math.Min(message.NameLength, AddressBytes)), identity);
                }
                var error = Marshal.GetLastPInvokeError();
                if (error == SocketImports.TryAgain) return null;
                if (error != SocketImports.Interrupted) throw new IOException($"no datagram can be received: {Marshal.GetPInvokeErrorMessage(error)}");
            }
        }
    }

    /// <summary>Sends from the bound address, at once or not at all.</summary>
    internal DatagramSend Send(ReadOnlySpan<byte> bytes, DatagramAddress to)
    {
        Span<byte> address = stackalloc byte[AddressBytes + 1];
        var length = to.Write(address);
        fixed (byte* start = bytes)
        fixed (byte* name = address)
        {
            while (true)
            {
                if (SocketImports.sendto(file, start, bytes.Length, SocketImports.DoNotWait | SocketImports.NoSignal, name, (uint)length) >= 0) return DatagramSend.Sent;
                switch (Marshal.GetLastPInvokeError())
                {
                    case SocketImports.Interrupted: continue;
                    case SocketImports.TryAgain or SocketImports.NoBuffers: return DatagramSend.Full;
                    default: return DatagramSend.Gone;
                }
            }
        }
    }

    /// <summary>Waits until there may be a datagram, at most so long.</summary>
    internal void Wait(TimeSpan longest)
    {
        var entry = new PollEntry { File = file, Wanted = SocketImports.Readable };
        _ = SocketImports.poll(&entry, 1, (int)longest.TotalMilliseconds);
    }

    /// <inheritdoc/>
    public void Dispose() => _ = SocketImports.close(file);

    private static DatagramSender SenderOf(ReadOnlySpan<byte> name, in CredentialsMessage identity)
    {
        var isKnown = identity is { Length: >= CredentialsMessage.FilledLength, Level: SocketImports.SocketLevel, Type: SocketImports.Credentials };
        return new DatagramSender(name.Length > 2 ? DatagramAddress.FromKernel(name[2..]) : null, isKnown ? identity.Pid : 0, isKnown ? identity.Uid : uint.MaxValue);
    }

    private static int Open()
    {
        var file = SocketImports.socket(SocketImports.UnixFamily, SocketImports.Datagrams | SocketImports.NonBlocking | SocketImports.CloseOnExec, 0);
        return file >= 0 ? file : throw new IOException($"no socket can be made: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }

    private static IOException Fault(string call, DatagramAddress address) =>
        new($"{call} of the socket {address} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
}
