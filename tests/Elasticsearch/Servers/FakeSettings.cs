using System.Text.Json.Nodes;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>Settings of indices: their flat form, and which of them a product knows.</summary>
internal static class FakeSettings
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "index.number_of_shards", "index.number_of_replicas", "index.refresh_interval", "index.codec", "index.auto_expand_replicas", "index.mapping.total_fields.limit",
        "index.mapping.ignore_malformed", "index.blocks.read_only_allow_delete", "index.blocks.read_only", "index.blocks.write", "index.max_result_window",
        "index.query.default_field", "index.default_pipeline", "index.final_pipeline", "index.hidden", "index.priority", "index.translog.durability",
    };

    private static readonly HashSet<string> KnownToElasticsearch = new(StringComparer.Ordinal)
    {
        "index.lifecycle.name", "index.lifecycle.rollover_alias", "index.lifecycle.parse_origination_date", "index.lifecycle.origination_date", "index.lifecycle.indexing_complete",
    };

    private static readonly HashSet<string> KnownToStateManagement = new(StringComparer.Ordinal) { "index.plugins.index_state_management.rollover_alias", "index.plugins.index_state_management.policy_id" };

    /// <summary>Settings by their full names, null where one is to be taken away.</summary>
    internal static Dictionary<string, string?> Flatten(JsonObject settings)
    {
        var flat = new Dictionary<string, string?>(StringComparer.Ordinal);
        Walk(settings, "");
        return flat;

        void Walk(JsonObject node, string prefix)
        {
            foreach (var (name, value) in node)
            {
                if (value is JsonObject inner) Walk(inner, prefix + name + ".");
                else flat[(prefix + name).StartsWith("index.", StringComparison.Ordinal) ? prefix + name : "index." + prefix + name] = value?.ToString();
            }
        }
    }

    /// <returns>Why the settings are refused, as the servers list it; null where they are taken.</returns>
    internal static string? Refuse(Dictionary<string, string?> settings, ServerFlavour flavour)
    {
        var wrong = settings.Keys.Where(name => !IsKnown(name, flavour)).ToList();
        var count = 0;
        return wrong.Count == 0 ? null : string.Concat(wrong.Select(name =>
            $"{++count}: unknown setting [{name}] please check that any required plugins are installed, or check the breaking changes documentation for removed settings;{++count}: expected [{name}] to be private but it was not;"));
    }

    /// <returns>What is said of the first setting that is not known; null where all are.</returns>
    internal static string? Unknown(Dictionary<string, string?> settings, ServerFlavour flavour) => settings.Keys.FirstOrDefault(name => !IsKnown(name, flavour)) is { } unknown
        ? $"unknown setting [{unknown}] please check that any required plugins are installed, or check the breaking changes documentation for removed settings"
        : null;

    private static bool IsKnown(string name, ServerFlavour flavour) => Known.Contains(name) || (flavour.IsOpenSearch ? KnownToStateManagement : KnownToElasticsearch).Contains(name);
}
