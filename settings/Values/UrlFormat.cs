using System.Diagnostics.CodeAnalysis;

namespace Monitoring.Settings.Values;

/// <summary>Absolute URLs; a password in one is never shown.</summary>
internal sealed class UrlFormat : ScalarFormat
{
    internal override string TypeName => "URL";

    internal override string Description => "a URL with scheme and host";

    internal override string Example => "http://collector.example:9461";

    internal override bool TryParse(string text, [NotNullWhen(true)] out object? value)
    {
        // On Unix a mere path is an absolute file URL to Uri; nobody means that here.
        value = text.Contains("://", StringComparison.Ordinal) && Uri.TryCreate(text, UriKind.Absolute, out var parsed) ? parsed : null;
        return value is not null;
    }

    internal override string Write(object value) => ((Uri)value).OriginalString;

    internal override string Redact(string text)
    {
        var at = text.LastIndexOf('@');
        var start = text.IndexOf("://", StringComparison.Ordinal) is var scheme and >= 0 ? scheme + 3 : 0;
        return at > start ? text[..start] + "********" + text[at..] : text;
    }
}
