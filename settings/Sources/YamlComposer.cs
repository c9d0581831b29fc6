using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Monitoring.Settings.Sources;

/// <summary>
/// Builds the nodes of a file from the parser's events. YamlDotNet's own tree stops at the first key given twice and
/// shares aliases without a bound; here every mistake is kept and what aliases expand to is counted.
/// </summary>
internal sealed class YamlComposer(IParser parser, string path)
{
    /// <summary>Settings are at most a few levels deep; deeper input would only exhaust the stack.</summary>
    internal const int MaximumDepth = 32;

    /// <summary>Nodes with aliases expanded; nine lines of nested aliases would otherwise stand for a billion values.</summary>
    internal const int MaximumNodes = 20_000;

    private readonly Dictionary<AnchorName, SourceNode> anchors = [];
    private int nodes;

    /// <summary>The top node of the only document; null where there is none.</summary>
    internal SourceNode? Compose()
    {
        parser.Consume<StreamStart>();
        if (parser.TryConsume<StreamEnd>(out _))
            return null;
        parser.Consume<DocumentStart>();
        var top = Node(0);
        parser.Consume<DocumentEnd>();
        if (parser.TryConsume<DocumentStart>(out var second))
            throw Mistake(second, "starts a second document; a configuration has one, remove the line '---'");
        return top is ScalarNode { Text: null } ? null : top;
    }

    private SourceNode Node(int depth)
    {
        if (depth > MaximumDepth)
            throw Mistake(parser.Current, $"is nested deeper than {MaximumDepth} levels; check brackets and indentation");
        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            if (!anchors.TryGetValue(alias.Value, out var target))
                throw Mistake(alias, $"uses the alias '*{Name(alias)}' and no anchor '&{Name(alias)}' stands before it");
            Count(target.Size, alias);
            return target;
        }

        if (parser.Current is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } tag } tagged)
            throw Mistake(tagged, $"has the tag '{Shown.Text(tag.Value)}'; remove it, the type of each setting is known");
        if (parser.Current is not NodeEvent start)
            throw Mistake(parser.Current, "ends where a value was expected");

        Count(1, start);
        SourceNode node = start switch
        {
            Scalar => Value(),
            SequenceStart => List(depth),
            _ => Map(depth),
        };
        if (!start.Anchor.IsEmpty)
            anchors[start.Anchor] = node;
        return node;
    }

    private ScalarNode Value()
    {
        var scalar = parser.Consume<Scalar>();
        var isNull = scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null" or "Null" or "NULL";
        return new ScalarNode(At(scalar), isNull ? null : scalar.Value);
    }

    private ListNode List(int depth)
    {
        var origin = At(parser.Consume<SequenceStart>());
        var items = new List<SourceNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
            items.Add(Node(depth + 1));
        return new ListNode(origin, items);
    }

    private MapNode Map(int depth)
    {
        var origin = At(parser.Consume<MappingStart>());
        var entries = new List<MapEntry>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out var key))
                throw Mistake(parser.Current, "has a key that is no plain word");
            if (key is { Value: "<<", Style: ScalarStyle.Plain })
                throw Mistake(key, "merges keys with '<<', which is not supported; write the keys out");
            entries.Add(new MapEntry(key.Value, At(key), Node(depth + 1)));
        }

        return new MapNode(origin, entries);
    }

    private void Count(int added, ParsingEvent place)
    {
        nodes = added > MaximumNodes - nodes ? throw Mistake(place, TooMany) : nodes + added;
    }

    private static string TooMany => string.Create(CultureInfo.InvariantCulture, $"brings the file to more than {MaximumNodes} values, aliases expanded; no configuration has as many, check the path and the aliases");

    private static string Name(AnchorAlias alias) => Shown.Text(alias.Value.Value);

    private string At(ParsingEvent place) => ConfigurationFile.At(path, place.Start.Line);

    private static ConfigurationFileException Mistake(ParsingEvent? place, string message) => new((int)(place?.Start.Line ?? 1), message);
}
