using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;

namespace OpenTelemetry.Exporter.Prometheus.Scraping;

/// <summary>What a scraper asks for in its headers.</summary>
internal readonly record struct ScrapeRequest(ExpositionFormat Format, bool AcceptsGzip, TimeSpan Timeout)
{
    /// <summary>Prometheus' default scrape_timeout, for clients that name none.</summary>
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    /// <summary>No scraper waits longer; keeps a nonsense header from holding requests for days.</summary>
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromMinutes(5);

    internal static ScrapeRequest Parse(HttpRequest request)
    {
        RequestHeaders headers = request.GetTypedHeaders();
        return new(NegotiateFormat(headers.Accept), AcceptsGzipEncoding(headers.AcceptEncoding), ParseTimeout(request.Headers));
    }

    /// <summary>
    /// The best rated format that is known here, the first one listed among equals. Nothing acceptable still gets text 0.0.4:
    /// Prometheus, browsers and curl can all read it (https://prometheus.io/docs/instrumenting/content_negotiation/).
    /// </summary>
    internal static ExpositionFormat NegotiateFormat(IList<MediaTypeHeaderValue> accept)
    {
        ExpositionFormat best = ExpositionFormat.Text;
        double bestQuality = 0;
        for (int i = 0; i < accept.Count; i++)
        {
            MediaTypeHeaderValue range = accept[i];
            double quality = range.Quality ?? 1;
            if (quality > bestQuality && ToFormat(range) is { } format)
                (best, bestQuality) = (format, quality);
        }
        return best;
    }

    private static ExpositionFormat? ToFormat(MediaTypeHeaderValue range)
    {
        string? version = null;
        foreach (NameValueHeaderValue parameter in range.Parameters)
        {
            if (parameter.Name.Equals("version", StringComparison.OrdinalIgnoreCase))
                version = HeaderUtilities.RemoveQuotes(parameter.Value).Value;
        }
        // Wildcards mean "I do not care", and then text is the format that every client reads.
        if (range.MatchesAllTypes || (range.MatchesAllSubTypes && range.Type.Equals("text", StringComparison.OrdinalIgnoreCase)))
            return ExpositionFormat.Text;
        if (range.MediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase))
            return version is null or "0.0.4" ? ExpositionFormat.Text : null;
        if (range.MediaType.Equals("application/openmetrics-text", StringComparison.OrdinalIgnoreCase))
            return version is null or "1.0.0" ? ExpositionFormat.OpenMetrics : null;
        return null;
    }

    internal static bool AcceptsGzipEncoding(IList<StringWithQualityHeaderValue> acceptEncoding)
    {
        for (int i = 0; i < acceptEncoding.Count; i++)
        {
            if (acceptEncoding[i].Quality is not 0 && acceptEncoding[i].Value.Equals("gzip", StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>Prometheus says how long it waits; a twentieth of it is kept for the way back, so that our reason reaches its log.</summary>
    internal static TimeSpan ParseTimeout(IHeaderDictionary headers)
    {
        if (!double.TryParse(headers["X-Prometheus-Scrape-Timeout-Seconds"], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds)
            || seconds < 0.001)
        {
            return DefaultTimeout;
        }
        return seconds >= LongestTimeout.TotalSeconds ? LongestTimeout : TimeSpan.FromSeconds(seconds * 0.95);
    }
}
