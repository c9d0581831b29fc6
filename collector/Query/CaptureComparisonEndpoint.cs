using System.Text.Json;
using Monitoring.Collector.Captures;
using Monitoring.Contracts.Captures;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Query;

/// <summary>Compares the summaries of two captures, profiler by profiler: victim and healthy peer, before and after.</summary>
internal sealed class CaptureComparisonEndpoint(CaptureCatalogue catalogue, ICaptureFiles files, CaptureRecovery recovery)
{
    private const string Before = "before";
    private const string After = "after";

    /// <summary>Answers <c>?before=ID&amp;after=ID</c>.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        await recovery.Completed.WaitAsync(context.RequestAborted);
        if (context.Request.Query.Keys.FirstOrDefault(static name => name is not (Before or After)) is { } unknown)
        {
            await CaptureAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, "parameter", $"{unknown} is no parameter; known are before and after");
            return;
        }
        if (await ReadAsync(context, Before) is not { } before || await ReadAsync(context, After) is not { } after) return;
        // A control is what its victim is held against, in whichever order the two were given.
        if (before.Record.Manifest?.Request.ControlOf == after.Record.Id || after.Record.Manifest?.Request.ControlOf != before.Record.Id) await AnswerAsync(context, before, after);
        else await AnswerAsync(context, after, before);
    }

    private static Task AnswerAsync(HttpContext context, Summaries before, Summaries after)
    {
        var isControl = before.Record.Manifest?.Request.ControlOf == after.Record.Id;
        List<(string Profiler, SummaryComparison Comparison)> compared =
        [
            .. from left in before.Profilers
               join right in after.Profilers on left.Profiler equals right.Profiler
               select (left.Profiler, SummaryComparison.Of(left, right, isControl ? SummaryComparison.InTheControl : Before)),
        ];
        if (compared is [])
        {
            return CaptureAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, "nothing_in_common",
                $"no profiler summarised both: {before.Record.Id} has {Names(before)}, {after.Record.Id} has {Names(after)}");
        }
        return CaptureAnswer.WriteAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("before"u8, before.Record.Id);
            writer.WriteString("after"u8, after.Record.Id);
            writer.WriteBoolean("before_is_control"u8, isControl);
            writer.WriteStartArray("words"u8);
            foreach (var (profiler, comparison) in compared)
                foreach (var sentence in comparison.Words) writer.WriteStringValue(compared.Count > 1 ? $"{profiler}: {sentence}" : sentence);
            writer.WriteEndArray();
            writer.WriteStartArray("comparisons"u8);
            foreach (var (profiler, comparison) in compared)
            {
                writer.WriteStartObject();
                writer.WriteString("profiler"u8, profiler);
                writer.WritePropertyName("comparison"u8);
                JsonSerializer.Serialize(writer, comparison, CaptureJson.Default.SummaryComparison);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    /// <summary>The summaries of the capture that a parameter names; where there are none, the request is answered.</summary>
    private async Task<Summaries?> ReadAsync(HttpContext context, string parameter)
    {
        var id = context.Request.Query[parameter] is [{ } value] ? value : "";
        if (!EventId.IsValid(id))
        {
            await CaptureAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, "parameter", $"{parameter} is '{(id.Length <= 100 ? id : id[..100] + "...")}', expected a capture's id: 32 lower-case hexadecimal digits, given once");
            return null;
        }
        if (catalogue.Find(id) is not { } record)
        {
            await CaptureAnswer.RefuseAsync(context, StatusCodes.Status404NotFound, "unknown", $"no capture {id} is known ({parameter}); it was never asked for here, or was removed");
            return null;
        }
        try
        {
            if (await files.ReadAsync(id, CaptureManifest.SummaryFileName, BundleManifest.MostSummaryBytes, context.RequestAborted) is { } json
                && JsonSerializer.Deserialize(json, CaptureJson.Default.ProfilerSummaryArray) is { Length: > 0 } summaries && summaries.All(static summary => summary is not null))
                return new Summaries(record, summaries);
            await CaptureAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, "no_summary", $"capture {id} ({parameter}) has no summary here: it is {CaptureParameters.Name(record.Stage)}");
        }
        catch (CaptureStoreException fault)
        {
            await CaptureAnswer.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, fault.Reason, fault.Message);
        }
        catch (JsonException fault)
        {
            await CaptureAnswer.RefuseAsync(context, StatusCodes.Status409Conflict, "no_summary", $"the summary of capture {id} ({parameter}) cannot be read: {fault.Message}");
        }
        return null;
    }

    private static string Names(Summaries summaries) => string.Join(", ", summaries.Profilers.Select(static summary => summary.Profiler));

    private sealed record Summaries(CaptureRecord Record, IReadOnlyList<ProfilerSummary> Profilers);
}
