using System.Globalization;
using System.Threading.RateLimiting;
using Monitoring.Contracts.Commands;

namespace Monitoring.Collector.Commands;

/// <summary>Serves <c>/api/v1/captures/audit</c>, newest first.</summary>
internal sealed class AuditEndpoint(AuditLog audit) : IDisposable
{
    private const int UsualEntries = 100;

    // A question reads from disk.
    private readonly ConcurrencyLimiter turns = new(new ConcurrencyLimiterOptions { PermitLimit = 1, QueueLimit = 32, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });

    /// <summary>Answers one page.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var problems = new List<FieldProblem>();
        var question = Read(context.Request.Query, problems);
        if (problems.Count > 0)
        {
            await context.RefuseAsync(StatusCodes.Status400BadRequest, "parameter", string.Join("; ", problems), problems);
            return;
        }

        using var turn = await turns.AcquireAsync(1, context.RequestAborted);
        if (!turn.IsAcquired)
        {
            context.Response.Headers.RetryAfter = "1";
            await context.RefuseAsync(StatusCodes.Status429TooManyRequests, "busy", "other questions are in work: ask again");
            return;
        }

        var page = audit.Query(question.Before, question.Limit, question.Wants, context.RequestAborted);
        await context.AnswerAsync(StatusCodes.Status200OK, page, OrderJson.Readable.AuditPage);
    }

    /// <inheritdoc/>
    public void Dispose() => turns.Dispose();

    private static Question Read(IQueryCollection parameters, List<FieldProblem> problems)
    {
        var question = new Question();
        foreach (var (name, values) in parameters)
        {
            var value = values.Count == 1 ? values[0] ?? "" : "";
            if (values.Count != 1) problems.Add(new FieldProblem(name, $"given {values.Count} times", "one value"));
            if (value.Length == 0) continue;
            switch (name)
            {
                case "action": question.Action = OneOf(name, value, AuditActions.All, problems); break;
                case "outcome": question.Outcome = OneOf(name, value, AuditOutcomes.All, problems); break;
                case "by": question.By = value; break;
                case "node": question.Node = value; break;
                case "capture": question.Capture = value; break;
                case "group": question.Group = value; break;
                case "since": question.Since = Time(name, value, problems); break;
                case "until": question.Until = Time(name, value, problems); break;
                case "before" when ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var before): question.Before = before; break;
                case "before": problems.Add(new FieldProblem(name, ApiAnswer.Shown(value), "what 'next' of the page before says")); break;
                case "limit" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) && limit is >= 1 and <= AuditLog.MostEntries: question.Limit = limit; break;
                case "limit": problems.Add(new FieldProblem(name, ApiAnswer.Shown(value), $"1 to {AuditLog.MostEntries}")); break;
                default: problems.Add(new FieldProblem(ApiAnswer.Shown(name), ApiAnswer.Shown(value), "no such parameter; known are action, outcome, by, node, capture, group, since, until, limit and before")); break;
            }
        }

        return question;
    }

    private static string OneOf(string name, string value, IReadOnlyList<string> allowed, List<FieldProblem> problems)
    {
        if (!allowed.Contains(value)) problems.Add(new FieldProblem(name, ApiAnswer.Shown(value), $"one of {string.Join(", ", allowed)}"));
        return value;
    }

    private static DateTimeOffset? Time(string name, string value, List<FieldProblem> problems)
    {
        // The pattern first: the parser also takes dates that people of other countries would read otherwise.
        if (value.Length >= "2026-01-31T12:00:00Z".Length && value[4] == '-' && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return time;
        problems.Add(new FieldProblem(name, ApiAnswer.Shown(value), "a time of RFC 3339, such as 2026-01-31T12:00:00Z (a + is written %2B)"));
        return null;
    }

    /// <summary>What is asked for.</summary>
    private sealed class Question
    {
        public string Action { get; set; } = "";

        public string Outcome { get; set; } = "";

        public string By { get; set; } = "";

        public string Node { get; set; } = "";

        public string Capture { get; set; } = "";

        public string Group { get; set; } = "";

        public DateTimeOffset? Since { get; set; }

        public DateTimeOffset? Until { get; set; }

        public ulong? Before { get; set; }

        public int Limit { get; set; } = UsualEntries;

        public bool Wants(AuditEntry entry) =>
            Is(Action, entry.Action) && Is(Outcome, entry.Outcome) && Is(By, entry.By) && Is(Node, entry.Node) && Is(Capture, entry.Capture) && Is(Group, entry.Group)
            && (Since is not { } since || entry.Time >= since) && (Until is not { } until || entry.Time < until);

        private static bool Is(string wanted, string found) => wanted.Length == 0 || wanted == found;
    }
}
