using System.Text;

namespace Monitoring.Settings.Schema;

/// <summary>Names of properties as keys of the configuration.</summary>
internal static class KeyName
{
    /// <summary><c>FastInterval</c> becomes <c>fast_interval</c>, <c>OtlpHTTPPort</c> <c>otlp_http_port</c>.</summary>
    internal static string Of(string propertyName)
    {
        var key = new StringBuilder(propertyName.Length + 4);
        for (var index = 0; index < propertyName.Length; index++)
        {
            var letter = propertyName[index];
            var startsWord = char.IsAsciiLetterUpper(letter) && index > 0
                && (!char.IsAsciiLetterUpper(propertyName[index - 1]) || (index + 1 < propertyName.Length && char.IsAsciiLetterLower(propertyName[index + 1])));
            if (startsWord)
                key.Append('_');
            key.Append(char.ToLowerInvariant(letter));
        }

        return key.ToString();
    }

    /// <summary>A name without what people write differently: case, dashes, underscores.</summary>
    internal static string Plain(string name) =>
        name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
}
