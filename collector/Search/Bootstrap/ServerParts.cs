using System.Globalization;
using System.Text.Json.Nodes;
using Monitoring.Collector.Search.Documents;

namespace Monitoring.Collector.Search.Bootstrap;

/// <summary>Everything that is to be in place before the first document: mappings, settings, policies, and the templates that put them together.</summary>
/// <param name="types">What the server calls its types.</param>
/// <param name="lifecycle">What the server has for old indices and is to be used; none for no policies.</param>
/// <param name="streams">Retention of each stream.</param>
/// <param name="places">Names of streams and indices.</param>
internal sealed class ServerParts(MappingTypes types, LifecycleSupport lifecycle, StreamsSettings streams, DocumentPlaces places)
{
    // Servers' own templates for logs-*-* have 100, and 500 is what they advise to stay above.
    private const int Priority = 510;

    private const string SettingsTemplate = "logs-gpu-settings";

    // A policy of ISM is asked for by pattern; any number that no other policy for these patterns has.
    private const int IsmPriority = 510;

    /// <summary>All parts, those that others need first.</summary>
    public IEnumerable<ServerPart> All() =>
    [
        Settings(),
        .. SearchStream.All.Select(Mappings),
        .. SearchStream.All.Select(Policy).OfType<ServerPart>(),
        .. SearchStream.All.Select(Template),
    ];

    /// <summary>How old an index is at most, by the day in its name: the retention, and the time that it goes on being written to.</summary>
    public static TimeSpan AgeAtMost(SearchStream stream, TimeSpan retention) => retention + TimeSpan.FromDays(stream.IsDaily ? 1 : 31);

    /// <summary>Settings of a stream's indices that may change while they live: the policy that they follow.</summary>
    public JsonObject PolicySettings(SearchStream stream) => lifecycle == LifecycleSupport.Ilm
        ? new JsonObject { ["index.lifecycle.name"] = PolicyName(stream), ["index.lifecycle.parse_origination_date"] = true }
        : [];

    /// <summary>The indices of a stream, for requests.</summary>
    public string IndexPattern(SearchStream stream) => places.IndexPrefix(stream) + "*";

    private static string MappingTemplate(SearchStream stream) => $"logs-{stream.Dataset}-mappings";

    private string PolicyName(SearchStream stream) => places.Alias(stream);

    private static ServerPart Settings() => ServerPart.Make(ServerPartKind.ComponentTemplate, "_component_template/" + SettingsTemplate, new JsonObject
    {
        ["template"] = new JsonObject
        {
            ["settings"] = new JsonObject
            {
                ["index.codec"] = "best_compression",
                ["index.number_of_shards"] = 1,
                // One copy where there is a second node to hold it; a single node stays green.
                ["index.auto_expand_replicas"] = "0-1",
            },
        },
    }, stream: null);

    private ServerPart Mappings(SearchStream stream) => ServerPart.Make(ServerPartKind.ComponentTemplate, "_component_template/" + MappingTemplate(stream), new JsonObject
    {
        ["template"] = new JsonObject
        {
            // What no table names is kept and not searched: no stranger can fill the mapping.
            ["mappings"] = new JsonObject { ["dynamic"] = false, ["date_detection"] = false, ["properties"] = types.Properties(stream) },
        },
    }, stream);

    private ServerPart Template(SearchStream stream)
    {
        var template = new JsonObject
        {
            ["aliases"] = new JsonObject { [places.Alias(stream)] = new JsonObject() },
            ["mappings"] = new JsonObject { ["properties"] = new JsonObject { ["data_stream"] = new JsonObject { ["properties"] = Constants(stream) } } },
        };
        if (PolicySettings(stream) is { Count: > 0 } settings) template["settings"] = settings;
        return ServerPart.Make(ServerPartKind.IndexTemplate, "_index_template/" + places.Alias(stream), new JsonObject
        {
            ["index_patterns"] = new JsonArray(IndexPattern(stream)),
            ["priority"] = Priority,
            ["composed_of"] = new JsonArray(SettingsTemplate, MappingTemplate(stream)),
            ["template"] = template,
        }, stream);
    }

    /// <summary>The values of the fields that are the same in every document of an index.</summary>
    private JsonObject Constants(SearchStream stream) =>
        new() { ["type"] = types.Constant("logs"), ["dataset"] = types.Constant(stream.Dataset), ["namespace"] = types.Constant(places.Namespace) };

    private ServerPart? Policy(SearchStream stream)
    {
        var age = string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(AgeAtMost(stream, streams.Of(stream).Retention).TotalDays)}d");
        return lifecycle switch
        {
            LifecycleSupport.Ilm => ServerPart.Make(ServerPartKind.IlmPolicy, "_ilm/policy/" + PolicyName(stream), new JsonObject
            {
                ["policy"] = new JsonObject
                {
                    ["phases"] = new JsonObject
                    {
                        ["hot"] = new JsonObject { ["min_age"] = "0ms", ["actions"] = new JsonObject { ["set_priority"] = new JsonObject { ["priority"] = 100 } } },
                        ["delete"] = new JsonObject { ["min_age"] = age, ["actions"] = new JsonObject { ["delete"] = new JsonObject() } },
                    },
                },
            }, stream),
            LifecycleSupport.Ism => ServerPart.Make(ServerPartKind.IsmPolicy, "_plugins/_ism/policies/" + PolicyName(stream), new JsonObject
            {
                ["policy"] = new JsonObject
                {
                    ["default_state"] = "kept",
                    ["states"] = new JsonArray(
                        new JsonObject
                        {
                            ["name"] = "kept",
                            ["actions"] = new JsonArray(),
                            ["transitions"] = new JsonArray(new JsonObject { ["state_name"] = "over", ["conditions"] = new JsonObject { ["min_index_age"] = age } }),
                        },
                        new JsonObject { ["name"] = "over", ["actions"] = new JsonArray(new JsonObject { ["delete"] = new JsonObject() }), ["transitions"] = new JsonArray() }),
                    ["ism_template"] = new JsonArray(new JsonObject { ["index_patterns"] = new JsonArray(IndexPattern(stream)), ["priority"] = IsmPriority }),
                },
            }, stream),
            _ => null,
        };
    }
}
