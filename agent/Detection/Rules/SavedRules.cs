using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Agent.Detection.Rules.Predicates;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>What of the rules survives a restart. Times are microseconds since 1970.</summary>
/// <param name="Instances">Those that fire, fired, or count events.</param>
/// <param name="LastCaptures">When each rule last asked for a capture on the node.</param>
internal sealed record SavedRules(IReadOnlyList<SavedInstance> Instances, IReadOnlyDictionary<string, long> LastCaptures)
{
    internal static SavedRules None { get; } = new([], new Dictionary<string, long>());

    /// <summary>Reads what was saved; nothing where it cannot be read.</summary>
    internal static SavedRules Read(JsonElement state)
    {
        try
        {
            return state.Deserialize(SavedRulesJson.Default.SavedRules) is { } saved && saved.Instances.All(IsWhole) ? saved : None;
        }
        catch (JsonException)
        {
            // An older or newer version wrote it: conditions that still hold will fire again, which is better than not to start.
            return None;
        }
    }

    // The reader minds absent properties, not absent elements of lists.
    private static bool IsWhole(SavedInstance? instance) => instance is not null && instance.Seen.All(static seen => seen is not null && seen.All(static item => item is not null));
}

/// <summary>An instance of a rule over a restart.</summary>
/// <param name="Fingerprint">Of the rule's definition; empty fits any.</param>
/// <param name="Events">When its last events were, those that limits still count.</param>
/// <param name="Captures">When its last captures were.</param>
/// <param name="Seen">The events that its triggers count, one list for each trigger that does.</param>
/// <param name="Highest">How high series were, for triggers that look for a fall; null for none.</param>
internal sealed record SavedInstance(
    string Rule, string Fingerprint, GpuReference? Gpu, string Name, bool IsFiring, long FiredUnixMicroseconds, string? Incident,
    long Fired, long Suppressed, long Unreported, IReadOnlyList<long> Events, IReadOnlyList<long> Captures, IReadOnlyList<IReadOnlyList<CountedEvent>> Seen,
    IReadOnlyDictionary<string, double>? Highest = null)
{
    /// <summary>What is true of the series whatever the rule says; null for nothing.</summary>
    internal SavedInstance? Facts => Highest is not { Count: > 0 } ? null
        : this with { Fingerprint = "", IsFiring = false, FiredUnixMicroseconds = 0, Incident = null, Fired = 0, Suppressed = 0, Unreported = 0, Events = [], Captures = [], Seen = [] };
}

/// <summary>The saved state as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SavedRules))]
internal sealed partial class SavedRulesJson : JsonSerializerContext;
