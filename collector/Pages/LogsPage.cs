using System.Text.Json;
using Monitoring.Collector.Logs;
using Monitoring.Collector.Query;

namespace Monitoring.Collector.Pages;

/// <summary>The log lines of the agents and of the collector itself for a person, newest first.</summary>
internal sealed class LogsPage(LogQueryEndpoint logs)
{
    /// <summary>Where it is.</summary>
    public const string Path = "/logs";

    private const string Title = "Logs";

    /// <summary>Answers one page.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var form = new FilterForm(Path, "/api/v1/logs", context.Request.Query).Text("node", "node").Choice("level", "at least", LogLevelWords.All).Text("text", "words").Times();
        var page = new Html();
        form.AddTo(page);
        if (LogParameters.Read(form.Parameters, out var error) is not { } query)
        {
            await PageRoutes.ProblemAsync(context, StatusCodes.Status400BadRequest, Path, Title, page, error);
            return;
        }

        if (await logs.FindAsync(query, context.RequestAborted) is not { } found)
        {
            await PageRoutes.BusyAsync(context, Path, Title, page);
            return;
        }

        if (found.Documents.Count == 0) page.Add(found.Next is null ? "<p>No lines are kept that fit.</p>\n" : "<p>None of these lines fits; older ones may.</p>\n");
        else
        {
            page.Add("<table>\n<thead><tr><th>time</th><th>level</th><th>node</th><th>program</th><th>what</th></tr></thead>\n<tbody>\n");
            foreach (var json in found.Documents) AddRow(page, json);
            page.Add("</tbody>\n</table>\n");
        }

        form.AddPaging(page, found.Next?.Write());
        await PageFrame.AnswerAsync(context, StatusCodes.Status200OK, Path, Title, page);
    }

    private static void AddRow(Html page, ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var level = TextOf(root, "log", "level");
        page.Add($"<tr><td class=\"time\">{(TextOf(root, "@timestamp") is var time && DateTimeOffset.TryParse(time, System.Globalization.CultureInfo.InvariantCulture, out var at) ? PageFrame.Shown(at) : time)}</td>");
        page.Add($"<td class=\"{level}\">{level}</td><td data-name=\"node\">{TextOf(root, "host", "name")}</td><td data-name=\"program\">{TextOf(root, "service", "name")}</td><td>{TextOf(root, "message")}");
        page.Add($"<br><span class=\"quiet\">{TextOf(root, "log", "logger")}</span>");
        if (TextOf(root, "error", "stack_trace") is { Length: > 0 } trace) page.Add($"<pre>{trace}</pre>");
        page.Add("</td></tr>\n");
    }

    /// <summary>The text at the end of a path; empty where there is none, or where it is no Unicode.</summary>
    private static string TextOf(JsonElement root, params ReadOnlySpan<string> path)
    {
        var dotted = string.Join('.', path.ToArray());
        if (path.Length > 1 && root.TryGetProperty(dotted, out var flat)) return Read(flat);
        foreach (var name in path)
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(name, out root)) return "";
        return Read(root);
    }

    private static string Read(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }
}
