using System.Buffers.Binary;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>
/// The frames of the protocol between PyTorch's profiler and dynolog, one a datagram: u64 size of the body, 32 bytes of type padded with 0,
/// the body; all numbers little-endian, as on every machine that has these GPUs.
/// </summary>
internal static class KinetoFrames
{
    /// <summary>Bytes before the body.</summary>
    internal const int HeaderBytes = 40;

    /// <summary>A datagram from a client has at most 100 bytes: eleven process numbers. What has no room in this is no request.</summary>
    internal const int LongestRequest = 512;

    /// <summary>A configuration has some 400 bytes; a client's queue takes far more.</summary>
    internal const int LongestConfiguration = 4096;

    private const int TypeBytes = 32;
    private const int ConfigurationHead = 16;
    private const int RegistrationBytes = 16;

    // Clients send at most 11; twice that leaves room for a later version.
    private const int MostPids = 22;

    private static ReadOnlySpan<byte> ConfigurationType => "req"u8;

    private static ReadOnlySpan<byte> RegistrationType => "ctxt"u8;

    /// <summary>Reads a request. Never throws, whatever the bytes.</summary>
    /// <returns>Null for what is none: a size that is not the body's, a type that nobody knows, a count that does not fit.</returns>
    internal static KinetoRequest? Parse(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length is < HeaderBytes or > LongestRequest) return null;
        var body = datagram[HeaderBytes..];
        if (BinaryPrimitives.ReadUInt64LittleEndian(datagram) != (ulong)body.Length) return null;
        var type = datagram.Slice(8, TypeBytes);
        if (type.IndexOf((byte)0) is not (> 0 and var end)) return null;
        type = type[..end];
        return type.SequenceEqual(ConfigurationType) ? Configuration(body) : type.SequenceEqual(RegistrationType) ? Registration(body) : null;
    }

    /// <summary>The answer to a request for a configuration; an empty one says that there is none.</summary>
    /// <exception cref="ArgumentException">It is longer than any configuration.</exception>
    internal static byte[] Configured(ReadOnlySpan<byte> configuration) =>
        configuration.Length <= LongestConfiguration ? Frame(ConfigurationType, configuration) : throw new ArgumentException($"a configuration of {configuration.Length} bytes; {LongestConfiguration} is the limit");

    /// <summary>The answer to a registration: how many processes of the job there are.</summary>
    internal static byte[] Registered(int count)
    {
        Span<byte> body = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(body, count);
        return Frame(RegistrationType, body);
    }

    private static KinetoRequest.Configuration? Configuration(ReadOnlySpan<byte> body)
    {
        if (body.Length < ConfigurationHead) return null;
        var count = BinaryPrimitives.ReadInt32LittleEndian(body[4..]);
        if (count is < 1 or > MostPids || body.Length != ConfigurationHead + count * sizeof(int)) return null;
        var pids = new int[count];
        for (var i = 0; i < count; i++) pids[i] = BinaryPrimitives.ReadInt32LittleEndian(body[(ConfigurationHead + i * sizeof(int))..]);
        return pids[0] > 0 ? new KinetoRequest.Configuration(BinaryPrimitives.ReadInt32LittleEndian(body), BinaryPrimitives.ReadInt64LittleEndian(body[8..]), pids) : null;
    }

    private static KinetoRequest.Registration? Registration(ReadOnlySpan<byte> body) => body.Length != RegistrationBytes
        ? null
        : new KinetoRequest.Registration(
            BinaryPrimitives.ReadInt32LittleEndian(body), BinaryPrimitives.ReadInt32LittleEndian(body[4..]), BinaryPrimitives.ReadInt64LittleEndian(body[8..]));

    // The only place that makes a frame: a size that is more than the body would hold the client for ever.
    private static byte[] Frame(ReadOnlySpan<byte> type, ReadOnlySpan<byte> body)
    {
        var frame = new byte[HeaderBytes + body.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(frame, (ulong)body.Length);
        type.CopyTo(frame.AsSpan(8));
        body.CopyTo(frame.AsSpan(HeaderBytes));
        return frame;
    }
}
