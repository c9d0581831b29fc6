using System.Net.Sockets;
using System.Runtime.InteropServices;
using FluentAssertions;
using Monitoring.Agent.Devices.Sockets;
using Xunit;

namespace Monitoring.Tests.Agent.Devices.Sockets;

public sealed unsafe partial class DatagramSocketTests
{
    private readonly string name = $"datagrams-{Guid.NewGuid():N}";

    [Fact]
    public void Structures_have_the_sizes_of_the_C_library() =>
        (sizeof(MessageHeader), sizeof(CredentialsMessage), sizeof(MessagePart), sizeof(PollEntry)).Should().Be((56, 32, 16, 8));

    [Fact]
    public void A_datagram_comes_with_the_kernels_word_of_who_sent_it()
    {
        using var socket = DatagramSocket.Bind(DatagramAddress.Abstract(name + "\0"))!;
        using var client = Client("sender\0");
        client.SendTo([1, 2, 3], new UnixDomainSocketEndPoint($"\0{name}\0"));
        var buffer = new byte[2];

        var sender = socket.Receive(buffer, out var length)!;

        length.Should().Be(3, "the length is the datagram's, whatever of it had room");
        buffer.Should().Equal(1, 2);
        sender.Pid.Should().Be(Environment.ProcessId);
        sender.Uid.Should().Be(geteuid());
        sender.Address!.IsAbstract.Should().BeTrue();
        sender.Address.ToString().Should().Be($"@{name}-sender@");
        socket.Receive(buffer, out _).Should().BeNull();
    }

    [Fact]
    public void A_sender_without_a_name_has_no_address()
    {
        using var socket = DatagramSocket.Bind(DatagramAddress.Abstract(name))!;
        using var client = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        client.SendTo([1], new UnixDomainSocketEndPoint($"\0{name}"));

        socket.Receive(new byte[8], out _)!.Address.Should().BeNull();
    }

    [Fact]
    public void Files_that_a_sender_passes_along_are_not_taken()
    {
        using var socket = DatagramSocket.Bind(DatagramAddress.Abstract(name))!;
        var before = Directory.GetFiles("/proc/self/fd").Length;
        for (var round = 0; round < 100; round++)
        {
            SendFile($"\0{name}");
            socket.Receive(new byte[8], out var length)!.Pid.Should().Be(Environment.ProcessId);
            length.Should().Be(1);
        }

        Directory.GetFiles("/proc/self/fd").Length.Should().BeLessThan(before + 50);
    }

    [Fact]
    public void What_is_sent_comes_from_the_bound_name()
    {
        using var socket = DatagramSocket.Bind(DatagramAddress.Abstract(name + "\0"))!;
        using var client = Client("receiver\0");

        socket.Send([7], DatagramAddress.Abstract($"{name}-receiver\0")).Should().Be(DatagramSend.Sent);

        System.Net.EndPoint from = new UnixDomainSocketEndPoint("/unknown");
        client.ReceiveFrom(new byte[8], ref from).Should().Be(1);
        from.ToString()!.TrimEnd('\0').Should().Be($"@{name}");
    }

    [Fact]
    public void Nobody_and_a_full_queue_are_told_apart_and_neither_is_waited_for()
    {
        using var socket = DatagramSocket.Bind(DatagramAddress.Abstract(name))!;
        socket.Send([1], DatagramAddress.Abstract(name + "-nobody")).Should().Be(DatagramSend.Gone);
        using var client = Client("deaf");
        var to = DatagramAddress.Abstract($"{name}-deaf");

        var result = DatagramSend.Sent;
        for (var count = 0; count < 10_000 && result == DatagramSend.Sent; count++) result = socket.Send([1], to);

        result.Should().Be(DatagramSend.Full);
    }

    [Fact]
    public void An_address_that_somebody_has_is_not_taken()
    {
        var address = DatagramAddress.Abstract(name);
        using var socket = DatagramSocket.Bind(address)!;

        DatagramSocket.Bind(address).Should().BeNull();
        DatagramSocket.IsAnswered(address).Should().BeTrue();
        DatagramSocket.IsAnswered(DatagramAddress.Abstract(name + "-nobody")).Should().BeFalse();
    }

    [Fact]
    public void Names_that_have_no_room_are_refused_with_the_limit()
    {
        ((Action)(() => DatagramAddress.File("/" + new string('x', 107)))).Should().Throw<ArgumentException>().WithMessage("*1 to 107*");
        ((Action)(() => DatagramAddress.Abstract(new string('x', 108)))).Should().Throw<ArgumentException>();
        ((Action)(() => DatagramAddress.Abstract(""))).Should().Throw<ArgumentException>();
        DatagramAddress.Abstract(new string('x', 107)).IsAbstract.Should().BeTrue();
    }

    [Fact]
    public void A_name_is_the_same_only_byte_for_byte()
    {
        DatagramAddress.Abstract("a\0").Should().Be(DatagramAddress.FromKernel([0, (byte)'a', 0]));
        DatagramAddress.Abstract("a").Should().NotBe(DatagramAddress.Abstract("a\0"));
        DatagramAddress.File("/a").Should().Be(DatagramAddress.FromKernel("/a\0"u8));
        DatagramAddress.FromKernel([]).Should().BeNull();
        DatagramAddress.FromKernel([0]).Should().BeNull();
    }

    private Socket Client(string suffix)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint($"\0{name}-{suffix}"));
        return socket;
    }

    /// <summary>Sends one byte and an open file with it.</summary>
    private static void SendFile(string to)
    {
        using var opened = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Read);
        var file = SocketImports.socket(SocketImports.UnixFamily, SocketImports.Datagrams, 0);
        var address = stackalloc byte[112];
        address[0] = SocketImports.UnixFamily;
        address[1] = 0;
        for (var i = 0; i < to.Length; i++) address[2 + i] = (byte)to[i];
        var content = (byte)1;
        var part = new MessagePart { Bytes = &content, Length = 1 };
        var control = stackalloc byte[24];
        *(nuint*)control = 20;
        *(int*)(control + 8) = SocketImports.SocketLevel;
        *(int*)(control + 12) = 1; // SCM_RIGHTS
        *(int*)(control + 16) = (int)opened.DangerousGetHandle();
        var message = new MessageHeader { Name = address, NameLength = (uint)(2 + to.Length), Parts = &part, PartCount = 1, Control = control, ControlLength = 24 };
        ((int)sendmsg(file, &message, 0)).Should().Be(1);
        _ = SocketImports.close(file);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(int socket, MessageHeader* message, int flags);

    [LibraryImport("libc")]
    private static partial uint geteuid();
}
