using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Collector.Captures;
using Monitoring.Contracts.Captures;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Commands;

/// <summary>Serves <c>/v1/captures/progress</c>: JSON lines, each where a capture stands. The newest by its number holds; a line that is none is refused alone.</summary>
internal sealed class ProgressEndpoint(ICaptureRecords records, CaptureOrders orders)
{
    private const int BodyBytesAtMost = 1 << 20;
    private const int LinesAtMost = 1000;
    private const int LongestNode = 128;
    private const int LongestWords = 2000;
    private const int RejectionsShown = 20;

    private long taken;
    private long stale;
    private long rejected;

    /// <summary>Words that were taken.</summary>
    public long Taken => Volatile.Read(ref taken);

    /// <summary>Words that came after newer ones.</summary>
    public long Stale => Volatile.Read(ref stale);

    /// <summary>Lines that were none.</summary>
    public long Rejected => Volatile.Read(ref rejected);

    /// <summary>Answers one push.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        if (await context.ReadBodyAsync(BodyBytesAtMost) is not { } body) return;
        var answer = Read(body);
        Interlocked.Add(ref taken, answer.Accepted);
        Interlocked.Add(ref stale, answer.Stale);
        Interlocked.Add(ref rejected, answer.Rejected);
        await context.AnswerAsync(StatusCodes.Status200OK, answer, ProgressAnswerJson.Default.ProgressAnswer);
    }

    private ProgressAnswer Read(ReadOnlyMemory<byte> body)
    {
        int accepted = 0, old = 0, refused = 0, number = 0;
        var reasons = new List<string>();
        foreach (var range in body.Span.Split((byte)'\n'))
        {
            var line = body.Span[range].Trim(" \r\t"u8);
            if (line.Length == 0) continue;
            number++;
            var why = $"beyond {LinesAtMost} lines";
            if (number > LinesAtMost || Parse(line, out why) is not { } progress)
            {
                refused++;
                if (reasons.Count < RejectionsShown) reasons.Add($"line {number}: {why}");
                continue;
            }

            var record = records.Find(progress.Id);
            if (record?.Progress is { } known && known.Sequence >= progress.Sequence)
            {
                old++;
                // The command may still wait, where its end was told by another way.
                orders.Progressed(progress);
                continue;
            }

            if (progress.Stage == CaptureStage.Refused && record?.Progress?.Stage != CaptureStage.Refused && record?.Request is { } request) orders.AuditRefusal(request, progress.Node, progress.Refusal, progress.Words);
            records.Progressed(progress);
            orders.Progressed(progress);
            accepted++;
        }

        return new ProgressAnswer(accepted, old, refused, reasons);
    }

    private static CaptureProgress? Parse(ReadOnlySpan<byte> line, out string why)
    {
        try
        {
            var read = JsonSerializer.Deserialize(line, CaptureJson.Default.CaptureProgress);
            why = read is null ? "null is no progress"
                : !EventId.IsValid(read.Id) ? $"id is '{ApiAnswer.Shown(read.Id)}', expected 32 lower-case hexadecimal digits"
                : read.Node.Length is 0 or > LongestNode ? $"node is '{ApiAnswer.Shown(read.Node)}', expected a name of 1 to {LongestNode} characters"
                : "";
            if (read is null || why.Length > 0) return null;
            return read.Words.Length <= LongestWords ? read : read with { Words = read.Words[..LongestWords] + "..." };
        }
        catch (JsonException fault)
        {
            why = ApiAnswer.Words(fault);
            return null;
        }
    }
}

/// <summary>The answer to words about captures.</summary>
/// <param name="Accepted">Taken.</param>
/// <param name="Stale">Older than what is known.</param>
/// <param name="Rejected">No words about a capture.</param>
/// <param name="Reasons">Of the first that were refused.</param>
internal sealed record ProgressAnswer(int Accepted, int Stale, int Rejected, IReadOnlyList<string> Reasons);

/// <summary>The answer as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ProgressAnswer))]
internal sealed partial class ProgressAnswerJson : JsonSerializerContext;
