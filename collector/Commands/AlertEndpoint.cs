using System.Collections.Concurrent;
using System.Text.Json;

namespace Monitoring.Collector.Commands;

/// <summary>
/// Serves <c>/api/v1/alertmanager</c>, a receiver for Alertmanager's webhooks. 200 whatever becomes of the alerts, since Alertmanager
/// repeats a message that is refused; 4xx for what is no message of its.
/// </summary>
internal sealed class AlertEndpoint(AlertCaptures captures, AlertSettings settings)
{
    // Alertmanager's max_alerts bounds a message; nobody needs captures of more at once.
    private const int AlertsAtMost = 1000;

    // Those of a message beyond what is looked at.
    private const string LeftOut = "left_out";

    private readonly ConcurrentDictionary<string, long> outcomes = new(AlertOutcome.All.Append(LeftOut).Select(static outcome => KeyValuePair.Create(outcome, 0L)));

    /// <summary>Alerts that came, by what was done about them; each outcome is there at 0 from the start.</summary>
    public IEnumerable<KeyValuePair<string, long>> Outcomes => outcomes;

    /// <summary>Answers one message.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        if (await context.ReadBodyAsync(settings.MaxBodyBytes) is not { } body) return;
        AlertMessage? message;
        try
        {
            message = JsonSerializer.Deserialize(body, AlertMessageJson.Default.AlertMessage);
        }
        catch (JsonException fault)
        {
            await context.RefuseAsync(StatusCodes.Status400BadRequest, "body", ApiAnswer.Words(fault));
            return;
        }

        if (message?.Version != AlertMessage.KnownVersion || message.Alerts is not { } alerts)
        {
            await context.RefuseAsync(StatusCodes.Status400BadRequest, "version", $"version is '{ApiAnswer.Shown(message?.Version)}' with {message?.Alerts?.Count ?? 0} alerts, expected a message of Alertmanager's webhook_config, version \"{AlertMessage.KnownVersion}\"");
            return;
        }

        var remote = context.Remote();
        AlertOutcome[] done = [.. alerts.Take(AlertsAtMost).Select(alert => captures.Handle(alert, remote))];
        foreach (var alert in done) Count(alert.Outcome);
        if (alerts.Count > done.Length) Count(LeftOut, alerts.Count - done.Length);
        await context.AnswerAsync(StatusCodes.Status200OK, new AlertAnswer(done), AlertAnswerJson.Default.AlertAnswer);
    }

    private void Count(string outcome, int count = 1) => outcomes.AddOrUpdate(outcome, static (_, more) => more, static (_, before, more) => before + more, count);
}
