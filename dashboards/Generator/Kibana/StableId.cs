using System.Security.Cryptography;
using System.Text;

namespace Monitoring.Dashboards.Generator.Kibana;

/// <summary>Ids that follow from names, so that an import replaces what the one before brought and a diff shows what changed.</summary>
internal static class StableId
{
    private const int Bytes = 16;
    private const int VersionByte = 6;
    private const int VariantByte = 8;

    /// <summary>A UUID of version 8 (RFC 9562: made by one's own rule), from a SHA-256 over the names.</summary>
    public static string Of(params ReadOnlySpan<string> names)
    {
        var id = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', names))).AsSpan(0, Bytes);
        id[VersionByte] = (byte)((id[VersionByte] & 0x0f) | 0x80);
        id[VariantByte] = (byte)((id[VariantByte] & 0x3f) | 0x80);
        return new Guid(id, bigEndian: true).ToString();
    }
}
