using System.Text.Json;
using Monitoring.Collector.Query;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Pages;

/// <summary>The events of the cluster for a person, newest first, from the collector's own store.</summary>
internal sealed class EventsPage(EventQueryEndpoint events)
{
    /// <summary>Where it is.</summary>
    public const string Path = "/events";

    private const string Title = "Events";
    private const string Api = "/api/v1/events";

    private static readonly string[] Severities = ["critical", "warning", "info", "unknown"];

    /// <summary>Answers one page.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var form = new FilterForm(Path, Api, context.Request.Query)
            .Text("cluster", "cluster").Text("node", "node").Text("gpu", "GPU", isNarrow: true).Choice("kind", "kind", EventKinds.All.Order(StringComparer.Ordinal))
            .Choice("severity", "severity", Severities).Text("code", "code", isNarrow: true).Times();
        var page = new Html();
        form.AddTo(page);
        if (EventParameters.Read(form.Parameters, out var error) is not { } query)
        {
            await PageRoutes.ProblemAsync(context, StatusCodes.Status400BadRequest, Path, Title, page, error);
            return;
        }

        if (await events.FindPageAsync(query, context.RequestAborted) is not { } found)
        {
            await PageRoutes.BusyAsync(context, Path, Title, page);
            return;
        }

        if (found.Documents.Count == 0) page.Add("<p>No events are kept that fit.</p>\n");
        else
        {
            page.Add("<table>\n<thead><tr><th>time</th><th>severity</th><th>node</th><th>GPU</th><th>kind</th><th>what</th></tr></thead>\n<tbody>\n");
            foreach (var json in found.Documents) AddRow(page, EventJson.Read(json.Span));
            page.Add("</tbody>\n</table>\n");
        }

        form.AddPaging(page, found.Next?.Write());
        await PageFrame.AnswerAsync(context, StatusCodes.Status200OK, Path, Title, page);
    }

    private static void AddRow(Html page, EventRecord record)
    {
        var severity = JsonNamingPolicy.SnakeCaseLower.ConvertName(record.Severity.ToString());
        page.Add($"<tr><td class=\"time\">{PageFrame.Shown(record.BelievedTime)}</td><td class=\"{severity}\">{severity}</td>");
        page.Add($"<td data-name=\"node\">{record.Node}");
        if (record.Cluster.Length > 0) page.Add($" <span class=\"quiet\">{record.Cluster}</span>");
        page.Add("</td>");
        if (record.Gpu is { } gpu) page.Add($"<td data-name=\"GPU\">{gpu.Index?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? gpu.Uuid}</td>");
        else page.Add("<td></td>");
        page.Add($"<td data-name=\"kind\">{record.Kind}");
        if (record.Code is { } code) page.Add($" {(long)code}");
        if (record.Phase is not EventPhase.Instant) page.Add($" <span class=\"quiet\">{JsonNamingPolicy.SnakeCaseLower.ConvertName(record.Phase.ToString())}</span>");
        page.Add($"</td><td>{record.Title}");
        if (record.SuggestedAction.Length > 0) page.Add($"<br><span class=\"quiet\">{record.SuggestedAction}</span>");
        page.Add($"<br><span class=\"quiet\"><a href=\"{Api}/{record.Id}\">event</a>");
        // What a link says comes from a node: a script in it would run when it is followed.
        if (Uri.TryCreate(record.Runbook, UriKind.Absolute, out var runbook) && runbook.Scheme is "http" or "https") page.Add($" <a href=\"{runbook.AbsoluteUri}\" rel=\"noopener noreferrer\">runbook</a>");
        else if (record.Runbook.Length > 0) page.Add($" runbook {record.Runbook}");
        if (record.Incident is { } incident && EventId.IsValid(incident)) page.Add($" <a href=\"{Api}/{incident}\">where it began</a>");
        if (CaptureOf(record) is { } capture) page.Add($" <a href=\"/api/v1/captures/{capture}\">capture</a>");
        else if (record.Capture is { Length: > 0 } words) page.Add($" capture: {words}");
        page.Add("</span></td></tr>\n");
    }

    /// <summary>The capture that an event is of, or led to; null for none.</summary>
    private static string? CaptureOf(EventRecord record)
    {
        if (record.Evidence.Details?.GetValueOrDefault(CaptureEventDetails.Capture) is { } capture && EventId.IsValid(capture)) return capture;
        // "accepted: ID" of an event of a rule.
        return record.Capture?.Split(' ')[^1] is { } id && EventId.IsValid(id) ? id : null;
    }
}
