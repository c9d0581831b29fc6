using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Monitoring.Collector.Pages;

/// <summary>The frame that every page has: head, ways to the other pages, style. No page has a script or loads anything.</summary>
internal static class PageFrame
{
    private const string Style = """
        :root{color-scheme:light dark;--ground:#fff;--soft:#f3f4f6;--line:#d1d5db;--ink:#111827;--quiet:#4b5563;--link:#1d4ed8;--critical:#b91c1c;--warning:#92400e;--info:#1e40af}
        @media(prefers-color-scheme:dark){:root{--ground:#111827;--soft:#1f2937;--line:#374151;--ink:#f3f4f6;--quiet:#9ca3af;--link:#93c5fd;--critical:#fca5a5;--warning:#fcd34d;--info:#bfdbfe}}
        *{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.45 system-ui,sans-serif}
        header,main{max-width:80rem;margin:0 auto;padding:.75rem 1rem}header{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:baseline;border-bottom:1px solid var(--line)}
        header b{font-size:1.1rem}a{color:var(--link)}a[aria-current]{color:var(--ink);font-weight:600;text-decoration:none}h1{font-size:1.3rem;margin:.5rem 0}
        form{display:flex;flex-wrap:wrap;gap:.6rem;align-items:end;background:var(--soft);padding:.75rem;border-radius:.4rem}label{display:flex;flex-direction:column;font-size:.8rem;color:var(--quiet)}
        input,select,button{font:inherit;font-size:.95rem;color:var(--ink);background:var(--ground);border:1px solid var(--line);border-radius:.3rem;padding:.3rem .45rem;max-width:100%}
        button{background:var(--link);color:var(--ground);border-color:var(--link);cursor:pointer}.narrow{width:6rem}
        table{border-collapse:collapse;width:100%;margin:.75rem 0}th,td{text-align:left;vertical-align:top;padding:.4rem .5rem;border-bottom:1px solid var(--line)}th{font-size:.8rem;color:var(--quiet)}
        td{overflow-wrap:anywhere}.time{white-space:nowrap;font-variant-numeric:tabular-nums}.quiet{color:var(--quiet);font-size:.85rem}.critical,.error{color:var(--critical);font-weight:600}.warning{color:var(--warning);font-weight:600}.info{color:var(--info)}
        .problem{border:1px solid var(--critical);color:var(--critical);padding:.6rem;border-radius:.4rem}pre{margin:.2rem 0;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.8rem;color:var(--quiet)}
        @media(max-width:45rem){thead{display:none}tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}td{display:inline;border:0;padding:0 .5rem 0 0}td:last-child{display:block;padding:.1rem 0}td[data-name]::before{content:attr(data-name) " ";font-size:.75rem;color:var(--quiet)}form label{flex:1 1 9rem}.narrow{width:100%}}
        """;

    // The style alone is allowed, by its hash: what an event says cannot load, run or send anything even if it were ever written unescaped.
    private static readonly string Policy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static readonly (string Path, string Name)[] Ways = [("/events", "Events"), ("/captures", "Captures"), ("/logs", "Logs"), ("/metrics", "Metrics")];

    /// <summary>Answers a page.</summary>
    /// <param name="path">Where it is, so that the way to it is marked.</param>
    /// <param name="title">What it shows.</param>
    /// <param name="body">Its content.</param>
    public static Task AnswerAsync(HttpContext context, int status, string path, string title, Html body)
    {
        var page = new Html();
        page.Add("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n");
        page.Add($"<title>{title} - GPU monitoring</title>\n<style>");
        page.Add(Style);
        page.Add("</style>\n</head>\n<body>\n<header><b>GPU monitoring</b>");
        foreach (var (way, name) in Ways)
        {
            if (way == path) page.Add($" <a href=\"{way}\" aria-current=\"page\">{name}</a>");
            else page.Add($" <a href=\"{way}\">{name}</a>");
        }

        page.Add($"</header>\n<main>\n<h1>{title}</h1>\n{body}</main>\n</body>\n</html>\n");

        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-store";
        return response.WriteAsync(page.ToString(), context.RequestAborted);
    }

    /// <summary>A time as every page shows it: UTC, to the second.</summary>
    public static string Shown(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
