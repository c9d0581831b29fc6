using System.Security.Cryptography;

namespace Monitoring.Collector.Captures.Uploads;

/// <summary>The checksum of one request's bytes, as the header <c>Upload-Checksum</c> says it.</summary>
internal sealed class UploadChecksum
{
    /// <summary>Name of the one algorithm, as the header and <c>Tus-Checksum-Algorithm</c> say it.</summary>
    public const string Algorithm = "sha256";

    private UploadChecksum(byte[] hash) => Hash = hash;

    /// <summary>What the SHA-256 of the bytes must be.</summary>
    public byte[] Hash { get; }

    /// <summary>Reads the header; null where it is none or of another algorithm.</summary>
    public static UploadChecksum? Read(string header)
    {
        var words = header.Split(' ');
        if (words is not [Algorithm, { Length: <= 64 } value]) return null;
        var hash = new byte[value.Length];
        return Convert.TryFromBase64String(value, hash, out var count) && count == SHA256.HashSizeInBytes ? new UploadChecksum(hash[..count]) : null;
    }
}
