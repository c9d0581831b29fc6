using Microsoft.Net.Http.Headers;

namespace Monitoring.Collector.Exposition;

/// <summary>How a page of metrics is written.</summary>
internal enum PageFormat
{
    /// <summary>Prometheus text format 0.0.4.</summary>
    Text,

    /// <summary>OpenMetrics 1.0.0.</summary>
    OpenMetrics,
}

/// <summary>What a scraper wants, read from its headers.</summary>
internal static class PageNegotiation
{
    /// <summary>The exact content type of <paramref name="format"/>; Prometheus 3 fails a scrape over an unknown one.</summary>
    public static string ContentType(this PageFormat format) => format == PageFormat.OpenMetrics
        ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
        : "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>
    /// The format of an Accept header: the highest quality wins, among equals the first. Whoever accepts neither gets text,
    /// as every Prometheus exporter does it.
    /// </summary>
    public static PageFormat Choose(IEnumerable<string?> accept)
    {
        var best = 0.0;
        var chosen = PageFormat.Text;
        if (!MediaTypeHeaderValue.TryParseList([.. accept.OfType<string>()], out var types)) return chosen;
        foreach (var type in types)
        {
            var quality = type.Quality ?? 1;
            if (quality <= best || Format(type) is not { } format) continue;
            best = quality;
            chosen = format;
        }

        return chosen;
    }

    /// <summary>Whether an Accept-Encoding header allows gzip.</summary>
    public static bool AllowsGzip(IEnumerable<string?> acceptEncoding)
    {
        if (!StringWithQualityHeaderValue.TryParseList([.. acceptEncoding.OfType<string>()], out var encodings)) return false;
        double? gzip = null, any = null;
        foreach (var encoding in encodings)
        {
            if (encoding.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase)) gzip = encoding.Quality ?? 1;
            if (encoding.Value == "*") any = encoding.Quality ?? 1;
        }

        return (gzip ?? any ?? 0) > 0;
    }

    private static PageFormat? Format(MediaTypeHeaderValue type)
    {
        var version = Version(type);
        if (type.MediaType.Equals("application/openmetrics-text", StringComparison.OrdinalIgnoreCase))
            return version is null or "1.0.0" ? PageFormat.OpenMetrics : null;
        if (type.MediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase)) return version is null or "0.0.4" ? PageFormat.Text : null;
        return type.MediaType.Value is "*/*" or "text/*" ? PageFormat.Text : null;
    }

    private static string? Version(MediaTypeHeaderValue type)
    {
        foreach (var parameter in type.Parameters)
            if (parameter.Name.Equals("version", StringComparison.OrdinalIgnoreCase)) return parameter.Value.ToString().Trim('"');
        return null;
    }
}
