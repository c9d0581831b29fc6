using System.Text.Json.Serialization;

namespace Monitoring.Collector.Commands;

/// <summary>What Alertmanager posts to a webhook, version 4 (prometheus.io, alerting/configuration, webhook_config); fields that are not needed are passed over.</summary>
internal sealed record AlertMessage
{
    /// <summary>The version that is understood.</summary>
    public const string KnownVersion = "4";

    public string? Version { get; init; }

    public string? Receiver { get; init; }

    public IReadOnlyList<SentAlert?>? Alerts { get; init; }
}

/// <summary>An alert of a message.</summary>
internal sealed record SentAlert
{
    public string? Status { get; init; }

    public Dictionary<string, string?>? Labels { get; init; }

    public Dictionary<string, string?>? Annotations { get; init; }

    public DateTimeOffset StartsAt { get; init; }

    public string? Fingerprint { get; init; }
}

/// <summary>What was done about a message.</summary>
internal sealed record AlertAnswer(IReadOnlyList<AlertOutcome> Alerts);

/// <summary>What was done about an alert.</summary>
/// <param name="Alert">Its name.</param>
/// <param name="Fingerprint">As it was sent.</param>
/// <param name="Outcome">captured, repeated, resolved, not_asked, no_node, invalid or refused.</param>
/// <param name="Captures">Ids of the captures.</param>
/// <param name="Words">The same for a person.</param>
internal sealed record AlertOutcome(string Alert, string Fingerprint, string Outcome, IReadOnlyList<string> Captures, string Words)
{
    /// <summary>Every outcome, so that each counter exists at 0 from the start.</summary>
    public static IReadOnlyList<string> All { get; } = ["captured", "repeated", "resolved", "not_asked", "no_node", "invalid", "refused"];
}

/// <summary>Messages as JSON, in the camelCase of Alertmanager.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AlertMessage))]
internal sealed partial class AlertMessageJson : JsonSerializerContext;

/// <summary>The answer as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AlertAnswer))]
internal sealed partial class AlertAnswerJson : JsonSerializerContext;
