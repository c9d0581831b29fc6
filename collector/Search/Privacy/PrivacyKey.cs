using System.Security.Cryptography;
using System.Text;

namespace Monitoring.Collector.Search.Privacy;

/// <summary>
/// The key under which values are hashed: HMAC-SHA-256, cut to 128 bits. A plain hash of a user's name would be found by hashing every name
/// of the directory; without the key that leads nowhere.
/// </summary>
internal sealed class PrivacyKey
{
    /// <summary>What a hash begins with, so that nobody takes it for a name.</summary>
    public const string Prefix = "hmac-";

    // Fewer bytes could be guessed; more than these are no key but the wrong file.
    private const int FewestBytes = 16;
    private const int MostBytes = 64 << 10;
    private const int HashBytes = 16;

    private readonly byte[] key;

    private PrivacyKey(byte[] key) => this.key = key;

    /// <summary>Reads a key; one line break at the end is not part of it, since editors add it.</summary>
    /// <exception cref="IOException">It cannot be read, or is no key; the message has the remedy.</exception>
    public static PrivacyKey Read(string path)
    {
        byte[] bytes;
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MostBytes } file)
                throw new IOException($"the file has {file.Length} bytes, a key has at most {MostBytes}");
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"the key of elasticsearch.privacy.key_file cannot be read from {path}: {fault.Message}. Make one with: openssl rand -out {path} 32", fault);
        }

        var length = bytes is [.., (byte)'\n'] ? bytes.Length - 1 : bytes.Length;
        return length >= FewestBytes ? new PrivacyKey(bytes[..length])
            : throw new IOException($"the key in {path} (elasticsearch.privacy.key_file) has {length} bytes, expected {FewestBytes} or more. Make one with: openssl rand -out {path} 32");
    }

    /// <summary>The hash of a value, the same for ever.</summary>
    public string Hash(string value)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(value), hash);
        return Prefix + Convert.ToHexStringLower(hash[..HashBytes]);
    }
}
