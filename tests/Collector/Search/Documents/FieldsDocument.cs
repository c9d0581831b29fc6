using System.Text;
using Monitoring.Collector.Search.Documents;

namespace Monitoring.Tests.Collector.Search.Documents;

/// <summary>docs/elasticsearch-fields.md, written from the table of fields.</summary>
internal static class FieldsDocument
{
    private const string Introduction = """
        # Fields in Elasticsearch and OpenSearch

        Written from the table of fields (`collector/Search/Documents`); do not edit (`UPDATE_GOLDEN=1 ./install.sh test` renews it). Names and types of the Elastic Common Schema
        {0} keep their meaning; everything else is below `gpu`. A released name keeps its meaning and type. What a document has nothing to say of is absent: no empty texts, no zeroes for "not known".

        | stream | name for searches | an index holds | what |
        | --- | --- | --- | --- |

        """;

    private const string Naming = """

        The name for searches is an alias over the indices of all times; `default` is `elasticsearch.namespace`. `logs-gpu.*` finds everything. The index of a document follows from its own time:
        `logs-gpu.event-default-2026.11.01-000001` holds the events of November 2026, `logs-gpu.agent-default-2026.11.21-000001` the log lines of a day ([ADR 10](adr/0010-documents-once-by-the-index-of-their-own-time.md)).

        Types: *keyword* is found whole, sorted and counted by (values over 1024 characters are cut); *wildcard* by any part of it; *text* by its words; *shown* is in the document and not searched; *flattened* holds
        any names with words as values, each found as `field.name: "value"`. On servers that lack a type the next one stands in: keyword for constant keyword and wildcard, text of the plain kind; before OpenSearch 2.7 *flattened*
        is shown only. Where a field is marked as a list, objects of a list are searched list by list: that one kernel has a name and another a share is not told apart (`gpu.capture.top_kernel` is one row).

        """;

    private static readonly (string Heading, Func<DocumentField, bool> Holds)[] Parts =
    [
        ("Fields of the Elastic Common Schema", static field => !IsOwn(field)),
        ("GPUs, jobs and what happened", static field => IsOwn(field) && !IsCapture(field)),
        ("Captures", IsCapture),
    ];

    internal static string Markdown()
    {
        var text = new StringBuilder(Introduction.Replace("{0}", DocumentFields.SchemaVersion, StringComparison.Ordinal));
        foreach (var stream in SearchStream.All)
            text.Append('\n').Append($"| {stream.Name} | `logs-{stream.Dataset}-default` | {(stream.IsDaily ? "a day" : "a month")} | {stream.Meaning} |");
        text.Append('\n').Append(Naming);
        foreach (var (heading, holds) in Parts)
        {
            text.Append($"\n## {heading}\n\n| field | type | streams | what |\n| --- | --- | --- | --- |\n");
            foreach (var field in DocumentFields.All.Where(holds))
                text.Append($"| `{field.Name}` | {Name(field.Type)}{(field.IsList ? ", list" : "")} | {Streams(field)} | {field.Meaning.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }
        return text.ToString().Replace("| --- | --- | --- | --- |\n\n|", "| --- | --- | --- | --- |\n|", StringComparison.Ordinal);
    }

    private static bool IsOwn(DocumentField field) => field.Name.StartsWith("gpu.", StringComparison.Ordinal);

    private static bool IsCapture(DocumentField field) => field.Name.StartsWith("gpu.capture.", StringComparison.Ordinal);

    private static string Streams(DocumentField field) =>
        field.Streams == StreamSet.All ? "all" : string.Join(", ", SearchStream.All.Where(stream => (field.Streams & stream.Flag) != 0).Select(static stream => stream.Name));

    private static string Name(FieldType type) => type switch
    {
        FieldType.ConstantKeyword => "constant keyword",
        FieldType.Address => "ip",
        FieldType.Number => "double",
        FieldType.YesNo => "boolean",
        _ => type.ToString().ToLowerInvariant(),
    };
}
