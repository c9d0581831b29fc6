using System.Runtime.InteropServices;

namespace Monitoring.Agent.Devices.Sockets;

/// <summary>The imports of the C library for datagrams between processes and nothing else; constants are those of Linux on every 64-bit machine.</summary>
internal static unsafe partial class SocketImports
{
    private const string Library = "libc";

    internal const int UnixFamily = 1; // AF_UNIX
    internal const int Datagrams = 2; // SOCK_DGRAM
    internal const int NonBlocking = 0x800; // SOCK_NONBLOCK
    internal const int CloseOnExec = 0x80000; // SOCK_CLOEXEC
    internal const int SocketLevel = 1; // SOL_SOCKET
    internal const int PassCredentials = 16; // SO_PASSCRED
    internal const int Credentials = 2; // SCM_CREDENTIALS
    internal const int DoNotWait = 0x40; // MSG_DONTWAIT
    internal const int NoSignal = 0x4000; // MSG_NOSIGNAL
    internal const int TrueLength = 0x20; // MSG_TRUNC: the length of the datagram, whatever of it had room
    internal const int CloseOnExecOfPassed = 0x40000000; // MSG_CMSG_CLOEXEC
    internal const short Readable = 1; // POLLIN

    internal const int Interrupted = 4; // EINTR
    internal const int TryAgain = 11; // EAGAIN
    internal const int AddressInUse = 98; // EADDRINUSE
    internal const int NoBuffers = 105; // ENOBUFS
    internal const int Refused = 111; // ECONNREFUSED

    [LibraryImport(Library, SetLastError = true)] internal static partial int socket(int family, int type, int protocol);
    [LibraryImport(Library, SetLastError = true)] internal static partial int bind(int socket, byte* address, uint length);
    [LibraryImport(Library, SetLastError = true)] internal static partial int connect(int socket, byte* address, uint length);
    [LibraryImport(Library, SetLastError = true)] internal static partial int setsockopt(int socket, int level, int option, void* value, uint length);
    [LibraryImport(Library, SetLastError = true)] internal static partial nint recvmsg(int socket, MessageHeader* message, int flags);
    [LibraryImport(Library, SetLastError = true)] internal static partial nint sendto(int socket, byte* bytes, nint length, int flags, byte* address, uint addressLength);
    [LibraryImport(Library, SetLastError = true)] internal static partial int poll(PollEntry* entries, nuint count, int milliseconds);
    [LibraryImport(Library, SetLastError = true)] internal static partial int close(int file);
}

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    internal int File;
    internal short Wanted;
    internal short Found;
}

/// <summary>struct iovec.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessagePart
{
    internal byte* Bytes;
    internal nuint Length;
}

/// <summary>struct msghdr as glibc and the kernel have it on 64-bit machines.</summary>
[StructLayout(LayoutKind.Explicit, Size = 56)]
internal unsafe struct MessageHeader
{
    [FieldOffset(0)] internal byte* Name;
    [FieldOffset(8)] internal uint NameLength;
    [FieldOffset(16)] internal MessagePart* Parts;
    [FieldOffset(24)] internal nuint PartCount;
    [FieldOffset(32)] internal byte* Control;
    [FieldOffset(40)] internal nuint ControlLength;
    [FieldOffset(48)] internal int Flags;
}

/// <summary>struct cmsghdr with struct ucred in it: exactly as much room as the sender's identity takes, so that files which a sender passes along are never taken.</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct CredentialsMessage
{
    [FieldOffset(0)] internal nuint Length;
    [FieldOffset(8)] internal int Level;
    [FieldOffset(12)] internal int Type;
    [FieldOffset(16)] internal int Pid;
    [FieldOffset(20)] internal uint Uid;
    [FieldOffset(24)] internal uint Gid;

    /// <summary>CMSG_LEN(sizeof(struct ucred)).</summary>
    internal const int FilledLength = 28;
}
