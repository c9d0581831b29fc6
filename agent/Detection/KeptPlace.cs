using System.Text.Json;
using System.Text.Json.Serialization;

namespace Monitoring.Agent.Detection;

/// <summary>
/// How far a source was read, with what was read of storms that are not summed up yet. Both are kept as one, so that after a sudden end
/// no line is counted twice and none is missed.
/// </summary>
/// <param name="Cursor">The source's position, after every line that <paramref name="Storms"/> counts.</param>
/// <param name="Storms">The storms of the source as they stood there.</param>
internal sealed record KeptPlace(string Cursor, IReadOnlyList<KeptStorm> Storms);

/// <summary>Incidents of one kind, code and GPU in a minute that had too many.</summary>
/// <param name="Began">When the minute began.</param>
/// <param name="Passed">Those that got an event of their own.</param>
/// <param name="Held">Those that wait for the event that sums them up.</param>
/// <param name="Example">The first of these.</param>
internal sealed record KeptStorm(DateTimeOffset Began, int Passed, int Held, Sighting Example);

/// <summary>What intake and probes keep of sightings, as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(SortedDictionary<string, KeptPlace>))]
[JsonSerializable(typeof(Sighting[]))]
internal sealed partial class SightingJson : JsonSerializerContext
{
    /// <summary>The places by source; none where they cannot be read, as from another version.</summary>
    internal static SortedDictionary<string, KeptPlace> ReadPlaces(JsonElement? kept)
    {
        try
        {
            if (kept is { ValueKind: JsonValueKind.Object } state && state.Deserialize(Default.SortedDictionaryStringKeptPlace) is { } places
                && places.Values.All(static place => place is { Cursor: not null, Storms: not null } && place.Storms.All(static storm => storm is { Example: not null }))) return places;
        }
        catch (JsonException)
        {
            // The cursors of the journal stand.
        }
        return new SortedDictionary<string, KeptPlace>(StringComparer.Ordinal);
    }

    /// <summary>The places as a state of the journal.</summary>
    internal static JsonElement WritePlaces(SortedDictionary<string, KeptPlace> places) => JsonSerializer.SerializeToElement(places, Default.SortedDictionaryStringKeptPlace);
}
