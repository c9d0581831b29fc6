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

    private long received;

    /// <summary>Alerts that came.</summary>
    public long Received => Volatile.Read(ref received);

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

        Interlocked.Add(ref received, alerts.Count);
        var remote = context.Remote();
        AlertOutcome[] outcomes = [.. alerts.Take(AlertsAtMost).Select(alert => captures.Handle(alert, remote))];
        await context.AnswerAsync(StatusCodes.Status200OK, new AlertAnswer(outcomes), AlertAnswerJson.Default.AlertAnswer);
    }
}
