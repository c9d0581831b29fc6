using System.Text.Json.Nodes;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>An index of the fake, with its documents.</summary>
/// <param name="name">Its name.</param>
/// <param name="uuid">Its identity.</param>
/// <param name="settings">Flat, such as <c>index.refresh_interval</c>.</param>
/// <param name="mapping">What its documents have to fit.</param>
internal sealed class FakeIndex(string name, string uuid, IReadOnlyDictionary<string, string> settings, FakeMapping mapping)
{
    internal string Name { get; } = name;

    internal string Uuid { get; } = uuid;

    internal FakeMapping Mapping { get; } = mapping;

    internal Dictionary<string, string> Settings { get; } = new(settings, StringComparer.Ordinal);

    /// <summary>Names under which it is found too, each with its properties.</summary>
    internal SortedDictionary<string, JsonObject> Aliases { get; } = new(StringComparer.Ordinal);

    /// <summary>The data stream that it is part of.</summary>
    internal string? DataStream { get; init; }

    internal Dictionary<string, FakeDocument> Documents { get; } = new(StringComparer.Ordinal);

    internal long NextSequenceNumber { get; set; }

    internal int Copies => Settings.TryGetValue("index.number_of_replicas", out var replicas) && int.TryParse(replicas, System.Globalization.CultureInfo.InvariantCulture, out var count) ? count + 1 : 2;

    /// <summary>Why nothing can be written now: status and reason.</summary>
    internal (int Status, string Reason)? WriteBlock
    {
        get
        {
            if (IsOn("index.blocks.read_only_allow_delete")) return (429, $"index [{Name}] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];");
            if (IsOn("index.blocks.read_only")) return (403, $"index [{Name}] blocked by: [FORBIDDEN/5/index read-only (api)];");
            return IsOn("index.blocks.write") ? (403, $"index [{Name}] blocked by: [FORBIDDEN/8/index write (api)];") : null;
        }
    }

    private bool IsOn(string setting) => Settings.TryGetValue(setting, out var value) && value == "true";
}

/// <summary>A document of the fake.</summary>
/// <param name="Json">Its source.</param>
/// <param name="Version">How often it was written.</param>
/// <param name="SequenceNumber">Its place in the order of writes of its index.</param>
internal sealed record FakeDocument(byte[] Json, long Version, long SequenceNumber);
