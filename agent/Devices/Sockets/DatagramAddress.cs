using System.Text;

namespace Monitoring.Agent.Devices.Sockets;

/// <summary>
/// The address of a datagram socket of this machine: a file, or a name in the abstract namespace, whose first byte is 0 and whose every
/// further byte counts, a 0 at the end too.
/// </summary>
internal sealed class DatagramAddress : IEquatable<DatagramAddress>
{
    /// <summary>Room for the name in struct sockaddr_un.</summary>
    internal const int LongestName = 108;

    private readonly byte[] name;

    private DatagramAddress(byte[] name) => this.name = name;

    /// <summary>True for a name in the abstract namespace.</summary>
    internal bool IsAbstract => name is [0, _, ..];

    /// <summary>True for a file.</summary>
    internal bool IsFile => name is [not 0, ..];

    /// <summary>The bytes of the name: of a file without the 0 at its end, of an abstract one all that count.</summary>
    internal ReadOnlySpan<byte> Name => name;

    /// <summary>The path of a file.</summary>
    internal string Path => Encoding.UTF8.GetString(name);

    /// <summary>A name in the abstract namespace.</summary>
    /// <param name="text">All of it after the first 0.</param>
    /// <exception cref="ArgumentException">It is empty or has no room.</exception>
    internal static DatagramAddress Abstract(string text) => Checked([0, .. Encoding.UTF8.GetBytes(text)], text, LongestName);

    /// <summary>A file.</summary>
    /// <exception cref="ArgumentException">It is empty or has no room.</exception>
    internal static DatagramAddress File(string path) => Checked(Encoding.UTF8.GetBytes(path), path, LongestName - 1);

    /// <summary>As the kernel gives it: the name alone, without the family.</summary>
    /// <returns>Null for a socket that has no name, which cannot be answered.</returns>
    internal static DatagramAddress? FromKernel(ReadOnlySpan<byte> bytes)
    {
        if (bytes is [not 0, ..]) bytes = bytes[..(bytes.IndexOf((byte)0) is var end and >= 0 ? end : bytes.Length)];
        return bytes.Length is 0 or > LongestName || bytes is [0] ? null : new DatagramAddress(bytes.ToArray());
    }

    /// <inheritdoc/>
    public bool Equals(DatagramAddress? other) => other is not null && name.AsSpan().SequenceEqual(other.name);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DatagramAddress);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(name);
        return hash.ToHashCode();
    }

    /// <summary>For a person: abstract names with @ for 0, as the kernel's own lists have it.</summary>
    public override string ToString() => Encoding.UTF8.GetString(name).Replace('\0', '@');

    /// <summary>struct sockaddr_un; the length that counts is part of an abstract name.</summary>
    internal int Write(Span<byte> address)
    {
        address[0] = SocketImports.UnixFamily;
        address[1] = 0;
        name.CopyTo(address[2..]);
        if (!IsFile) return 2 + name.Length;
        address[2 + name.Length] = 0;
        return 3 + name.Length;
    }

    private static DatagramAddress Checked(byte[] name, string text, int longest) =>
        name.Length >= 1 && name is not [0] && name.Length <= longest
            ? new DatagramAddress(name)
            : throw new ArgumentException($"the socket's name '{text}' has {name.Length} bytes; 1 to {longest} have room");
}
