using System.Net.Http.Headers;
using System.Text;

namespace Monitoring.Elasticsearch.Connection;

/// <summary>The credentials of a connection as a header.</summary>
internal static class Credentials
{
    /// <summary>The header; null where none are set.</summary>
    internal static AuthenticationHeaderValue? Header(ElasticsearchConnectionSettings settings) =>
        settings.ApiKey.Length > 0 ? new AuthenticationHeaderValue("ApiKey", settings.ApiKey.Trim())
        : settings.User.Length > 0 ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{settings.User}:{settings.Password}")))
        : null;

    /// <summary>True for the form in which Elasticsearch shows an API key: base64 of id and key with a colon between.</summary>
    internal static bool IsApiKey(string text)
    {
        Span<byte> decoded = new byte[text.Length];
        return Convert.TryFromBase64String(text.Trim(), decoded, out var bytes) && decoded[..bytes].Contains((byte)':');
    }
}
