using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>How far the counters had come that rules watch for growth, and what had grown in the windows. Times are microseconds since 1970.</summary>
/// <param name="BootId">The boot in which they were read: another one begins at 0.</param>
/// <param name="Counters">By GPU, and those of the node.</param>
/// <param name="Windows">Those in which something grew.</param>
internal sealed record SavedGrowth(string BootId, IReadOnlyList<SavedCounters> Counters, IReadOnlyList<SavedWindow> Windows)
{
    internal static SavedGrowth None { get; } = new("", [], []);

    /// <summary>Reads what was saved; nothing where it cannot be read.</summary>
    internal static SavedGrowth Read(JsonElement state)
    {
        try
        {
            return state.Deserialize(SavedGrowthJson.Default.SavedGrowth) is { } saved && saved.Counters.All(static item => item is not null)
                && saved.Windows.All(static item => item is not null && item.Parts.All(static part => part is not null)) ? saved : None;
        }
        catch (JsonException)
        {
            // An older or newer version wrote it: growth is counted from the first reading on.
            return None;
        }
    }
}

/// <summary>The last readings of the counters of a GPU or the node.</summary>
/// <param name="Gpu">The GPU; null for the node.</param>
/// <param name="At">When they were; null while they go on being read.</param>
/// <param name="Last">The readings by series.</param>
internal sealed record SavedCounters(GpuReference? Gpu, long? At, IReadOnlyDictionary<string, double> Last);

/// <summary>What had grown in the window of one part of a rule.</summary>
/// <param name="Fingerprint">Of the rule's definition.</param>
/// <param name="Gpu">The GPU whose series it is; null for the node.</param>
/// <param name="Name">The rule's instance; empty for none.</param>
/// <param name="Part">Which of the rule's parts that look for growth, from 0.</param>
/// <param name="Parts">What grew, oldest first.</param>
internal sealed record SavedWindow(string Rule, string Fingerprint, GpuReference? Gpu, string Name, int Part, string Series, IReadOnlyList<SavedPart> Parts);

/// <summary>Growth until a time.</summary>
internal sealed record SavedPart(long At, double Amount);

/// <summary>The saved growth as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SavedGrowth))]
internal sealed partial class SavedGrowthJson : JsonSerializerContext;
