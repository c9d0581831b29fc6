using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Monitoring.Contracts.Xid;

namespace Monitoring.Dashboards.Generator.Logstash;

/// <summary>What the Logstash pipeline needs to know of XIDs: the catalogue as the agent and the collector have it.</summary>
internal static class LogstashFiles
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The files.</summary>
    public static IEnumerable<GeneratedFile> All()
    {
        var catalogue = new JsonObject();
        foreach (var entry in XidCatalogue.All) catalogue[entry.Code.ToString(CultureInfo.InvariantCulture)] = Describe(entry);
        catalogue["unknown"] = Describe(XidCatalogue.Describe(-1));
        yield return new GeneratedFile("logstash/scripts/xid-catalogue.json", catalogue.ToJsonString(Readable) + "\n");
    }

    private static JsonObject Describe(XidEntry entry)
    {
        var row = new JsonObject
        {
            ["title"] = entry.Title,
            ["severity"] = Word(entry.Severity),
            ["origin"] = Word(entry.Origin),
        };
        Add(row, "mnemonic", entry.Mnemonic);
        Add(row, "component", entry.Component);
        Add(row, "bucket", entry.Immediate);
        Add(row, "investigate", entry.Investigate);
        Add(row, "action", entry.SuggestedAction);
        Add(row, "runbook", entry.Runbook);
        return row;
    }

    private static void Add(JsonObject row, string name, string value)
    {
        if (value.Length > 0) row[name] = value;
    }

    private static string Word(Enum value) => value.ToString().ToLowerInvariant();
}
