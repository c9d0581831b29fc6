using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Commands;

/// <summary>Serves <c>/v1/captures/leases</c>: an agent whose rule fired asks whether the cluster has room for the capture.</summary>
internal sealed class LeaseEndpoint(FleetBudget budget, CaptureOrders orders, AuditLog audit, TimeProvider time)
{
    private const int BodyBytesAtMost = 16 << 10;
    private const int LongestName = 256;
    private const double LongestSeconds = 3600;

    /// <summary>Answers one question; a refusal is an answer, not an error.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        if (await context.ReadJsonAsync(BodyBytesAtMost, CommandJson.Default.CaptureLeaseRequest) is not { } request) return;
        if (Problem(request) is { } problem)
        {
            await context.RefuseAsync(StatusCodes.Status400BadRequest, "invalid", problem.ToString(), [problem]);
            return;
        }

        var answer = budget.Ask(new BudgetQuestion(request.Capture, request.Node, TriggerKinds.Rule, request.Rule, request.Gpu, request.Job, request.DurationSeconds));
        audit.Append(new AuditEntry(
            time.GetUtcNow(), AuditActions.Lease, answer.Granted ? AuditOutcomes.Accepted : AuditOutcomes.Refused, request.Rule, context.Remote(), request.Capture, "", request.Node, answer.Refusal, answer.Words, TriggerKinds.Rule));
        if (answer.Granted && request.WantsControl) orders.TakeControl(Victim(request), request.Gpu, request.Job, request.Rule);
        await context.AnswerAsync(StatusCodes.Status200OK, answer, CommandJson.Default.CaptureLeaseAnswer);
    }

    private static FieldProblem? Problem(CaptureLeaseRequest request)
    {
        if (!EventId.IsValid(request.Capture)) return new FieldProblem("capture", ApiAnswer.Shown(request.Capture), "32 lower-case hexadecimal digits");
        if (request.Node.Length is 0 or > LongestName) return new FieldProblem("node", ApiAnswer.Shown(request.Node), $"a name of 1 to {LongestName} characters");
        if (request.Rule.Length is 0 or > LongestName) return new FieldProblem("rule", ApiAnswer.Shown(request.Rule), $"a name of 1 to {LongestName} characters");
        if (request.Gpu is { Length: > LongestName }) return new FieldProblem("gpu", ApiAnswer.Shown(request.Gpu), $"at most {LongestName} characters");
        if (request.Job is { Length: > LongestName }) return new FieldProblem("job", ApiAnswer.Shown(request.Job), $"at most {LongestName} characters");
        return request.DurationSeconds is >= 0 and <= LongestSeconds ? null
            : new FieldProblem("duration_seconds", request.DurationSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture), $"0 to {LongestSeconds}");
    }

    private CaptureRequest Victim(CaptureLeaseRequest request) => new()
    {
        Id = request.Capture,
        Group = request.Capture,
        Trigger = new CaptureTrigger(TriggerKinds.Rule, request.Rule),
        Target = new CaptureTarget(request.Node, Job: request.Job),
        Profilers = request.Profilers,
        DurationSeconds = request.DurationSeconds > 0 ? request.DurationSeconds : 5,
        RequestedAt = time.GetUtcNow(),
        ExpiresAt = time.GetUtcNow(),
    };
}
