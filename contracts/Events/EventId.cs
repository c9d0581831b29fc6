using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Monitoring.Contracts.Events;

/// <summary>Makes event ids: the same parts give the same id on every machine and in every version.</summary>
public static class EventId
{
    private const int Bytes = 16;
    private static readonly SearchValues<char> HexadecimalDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>The id of an event that these parts tell from every other; their order counts and their borders do too.</summary>
    /// <returns>32 lower-case hexadecimal digits: the first half of a SHA-256.</returns>
    public static string Of(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in parts)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, Bytes));
    }

    /// <summary>True for a text that has the form of an id.</summary>
    public static bool IsValid(string? id) => id is { Length: 2 * Bytes } && id.AsSpan().IndexOfAnyExcept(HexadecimalDigits) < 0;
}
