using System.Globalization;
using Monitoring.Collector.Captures;
using Monitoring.Collector.Query;
using Monitoring.Contracts.Captures;

namespace Monitoring.Collector.Pages;

/// <summary>The captures that the collector knows of, for a person, newest first.</summary>
internal sealed class CapturesPage(CaptureQueryEndpoint captures)
{
    /// <summary>Where it is.</summary>
    public const string Path = "/captures";

    private const string Title = "Captures";
    private const string Api = "/api/v1/captures";

    /// <summary>Answers one page.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var form = new FilterForm(Path, Api, context.Request.Query)
            .Text("node", "node").Text("gpu", "GPU", isNarrow: true).Choice("trigger", "asked for by", TriggerKinds.All).Text("rule", "rule").Text("job", "job")
            .Choice("stage", "stage", Enum.GetValues<CaptureStage>().Select(CaptureParameters.Name)).Text("text", "words").Times();
        var page = new Html();
        form.AddTo(page);
        if (CaptureParameters.Read(form.Parameters, out var error) is not { } query)
        {
            await PageRoutes.ProblemAsync(context, StatusCodes.Status400BadRequest, Path, Title, page, error);
            return;
        }

        if (await captures.FindPageAsync(query, context.RequestAborted) is not { } found)
        {
            await PageRoutes.BusyAsync(context, Path, Title, page);
            return;
        }

        if (found.Captures.Count == 0) page.Add("<p>No captures are known that fit.</p>\n");
        else
        {
            page.Add("<table>\n<thead><tr><th>time</th><th>stage</th><th>node</th><th>GPUs</th><th>asked for by</th><th>what was found</th></tr></thead>\n<tbody>\n");
            foreach (var entry in found.Captures) AddRow(page, entry);
            page.Add("</tbody>\n</table>\n");
        }

        form.AddPaging(page, found.Next is { } next ? CaptureParameters.Write(next) : null);
        await PageFrame.AnswerAsync(context, StatusCodes.Status200OK, Path, Title, page);
    }

    private static void AddRow(Html page, CaptureEntry entry)
    {
        var record = entry.Record;
        var request = record.Manifest?.Request ?? record.Request;
        var gpus = record.Manifest?.Gpus.Select(static gpu => gpu.Index) ?? request?.Target.Gpus ?? [];
        page.Add($"<tr><td class=\"time\">{PageFrame.Shown(entry.At)}</td><td data-name=\"stage\">{CaptureParameters.Name(record.Stage)}</td><td data-name=\"node\">{record.Node}</td>");
        page.Add($"<td data-name=\"GPUs\">{string.Join(", ", gpus.Select(static gpu => gpu.ToString(CultureInfo.InvariantCulture)))}</td>");
        page.Add($"<td data-name=\"asked for by\">{request?.Trigger.Kind} {request?.Trigger.Name}");
        if (request?.Trigger.Reason is { Length: > 0 } reason) page.Add($"<br><span class=\"quiet\">{reason}</span>");
        page.Add($"</td><td>{(entry.Triage.Length > 0 ? entry.Triage : record.Manifest?.Words ?? record.Progress?.Words)}");
        page.Add($"<br><span class=\"quiet\"><a href=\"{Api}/{record.Id}\">capture</a>");
        if (record.Manifest is { } manifest)
        {
            page.Add($" <a href=\"{Api}/{record.Id}/bundle.tar\">all files</a>");
            foreach (var file in manifest.Files) page.Add($" <a href=\"{Api}/{record.Id}/files/{Uri.EscapeDataString(file.Name)}\">{file.Name}</a> ({Size(file.SizeBytes)})");
        }

        page.Add("</span></td></tr>\n");
    }

    private static string Size(long bytes) => bytes switch
    {
        >= 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0.#} MiB"),
        >= 1 << 10 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 10):0.#} KiB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
    };
}
