using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Monitoring.Collector.Search.Bootstrap;

/// <summary>Which version of the collector made something at the server, and out of what.</summary>
/// <param name="Version">The version of what is made.</param>
/// <param name="Digest">Tells contents of one version apart, which settings change.</param>
internal sealed record PartMark(int Version, string Digest)
{
    private const string By = "managed_by";
    private const string VersionName = "version";
    private const string DigestName = "digest";

    /// <summary>The mark as a <c>_meta</c>.</summary>
    public JsonObject ToJson() => new() { [By] = ServerPart.Maker, [VersionName] = Version, [DigestName] = Digest };

    /// <summary>The mark as a text, for what has a description alone.</summary>
    public string ToText() => string.Create(CultureInfo.InvariantCulture, $"{By}={ServerPart.Maker} {VersionName}={Version} {DigestName}={Digest}");

    /// <summary>The mark of a <c>_meta</c>; null where it is none of ours.</summary>
    public static PartMark? Of(JsonNode? meta) =>
        meta is JsonObject members && Text(members[By]) == ServerPart.Maker && members[VersionName] is JsonValue value && value.TryGetValue(out int version)
            ? new PartMark(version, Text(members[DigestName])) : null;

    /// <summary>The mark of a description; null where it is none of ours.</summary>
    public static PartMark? Parse(JsonNode? description)
    {
        var words = Text(description).Split(' ');
        if (words is not [$"{By}={ServerPart.Maker}", { } second, { } third] || !second.StartsWith(VersionName + "=", StringComparison.Ordinal) || !third.StartsWith(DigestName + "=", StringComparison.Ordinal)) return null;
        return int.TryParse(second.AsSpan(VersionName.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? new PartMark(version, third[(DigestName.Length + 1)..]) : null;
    }

    private static string Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";
}
