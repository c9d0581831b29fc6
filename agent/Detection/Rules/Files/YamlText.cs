using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Monitoring.Agent.Detection.Rules.Files;

/// <summary>
/// Reads YAML into nodes that know their place. Rule files may come from anyone who may write a ConfigMap, so depth and number of nodes
/// are bounded and anchors, aliases, tags and merges are refused: a rule needs none of them, and they are how small files grow huge.
/// </summary>
internal sealed class YamlText
{
    /// <summary>A trigger nests a few levels; deeper input would only exhaust the stack.</summary>
    internal const int MaximumDepth = 32;

    /// <summary>Values of a file; a thousand rules with all their keys have a third of it.</summary>
    internal const int MaximumNodes = 100_000;

    private readonly string file;
    private readonly Parser parser;
    private int nodes;

    private YamlText(string file, string text)
    {
        this.file = file;
        parser = new Parser(new StringReader(text));
    }

    /// <summary>The top node of the only document; null where there is none.</summary>
    /// <exception cref="YamlTextException">The text is no YAML, or more than a rule file may hold.</exception>
    internal static YamlNode? Read(string file, string text)
    {
        var reader = new YamlText(file, text);
        try
        {
            return reader.Document();
        }
        catch (YamlException mistake)
        {
            throw new YamlTextException(At(file, mistake.Start), $"is not valid YAML: {mistake.Message.TrimEnd('.')}; check indentation, quotes and colons");
        }
        catch (Exception fault) when (fault is not (YamlTextException or OutOfMemoryException))
        {
            // On some malformed input, such as a bracket that is never closed, the parser throws other exceptions, and without a place.
            throw new YamlTextException(At(file, reader.parser.Current?.Start ?? Mark.Empty), "is not valid YAML from here on; check brackets, indentation and quotes");
        }
    }

    private YamlNode? Document()
    {
        parser.Consume<StreamStart>();
        if (parser.TryConsume<StreamEnd>(out _)) return null;
        parser.Consume<DocumentStart>();
        var top = Node(0);
        parser.Consume<DocumentEnd>();
        if (parser.TryConsume<DocumentStart>(out var second)) throw Refuse(second, "starts a second document; a rule file has one, remove the line '---'");
        return top is YamlScalar { Text: null } ? null : top;
    }

    private YamlNode Node(int depth)
    {
        var current = parser.Current ?? (parser.MoveNext() ? parser.Current : null);
        if (depth > MaximumDepth) throw Refuse(current, $"is nested deeper than {MaximumDepth} levels; check brackets and indentation");
        if (++nodes > MaximumNodes) throw Refuse(current, string.Create(CultureInfo.InvariantCulture, $"is the {MaximumNodes + 1}th value of the file, which no set of rules needs; split the file"));
        return current switch
        {
            AnchorAlias => throw Refuse(current, "uses an alias (*), which rule files do not have; write the value out"),
            NodeEvent { Anchor.IsEmpty: false } => throw Refuse(current, "has an anchor (&), which rule files do not have; remove it"),
            NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } } => throw Refuse(current, "has a tag (!), which rule files do not have; remove it"),
            Scalar => Value(),
            SequenceStart => List(depth),
            MappingStart => Map(depth),
            _ => throw Refuse(current, "ends where a value was expected"),
        };
    }

    private YamlScalar Value()
    {
        var scalar = parser.Consume<Scalar>();
        var isNothing = scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null" or "Null" or "NULL";
        return new YamlScalar(At(file, scalar.Start), isNothing ? null : scalar.Value);
    }

    private YamlList List(int depth)
    {
        var place = At(file, parser.Consume<SequenceStart>().Start);
        var items = new List<YamlNode>();
        while (!parser.TryConsume<SequenceEnd>(out _)) items.Add(Node(depth + 1));
        return new YamlList(place, items);
    }

    private YamlMap Map(int depth)
    {
        var place = At(file, parser.Consume<MappingStart>().Start);
        var entries = new List<YamlEntry>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out var key)) throw Refuse(parser.Current, "is a key that is no plain word");
            if (key is { Value: "<<", Style: ScalarStyle.Plain }) throw Refuse(key, "merges keys with '<<', which rule files do not have; write the keys out");
            entries.Add(new YamlEntry(key.Value, At(file, key.Start), Node(depth + 1)));
        }
        return new YamlMap(place, entries);
    }

    private YamlTextException Refuse(ParsingEvent? at, string message) => new(At(file, at?.Start ?? Mark.Empty), message);

    private static Place At(string file, Mark mark) => new(file, (int)Math.Clamp(mark.Line, 1, int.MaxValue), (int)Math.Clamp(mark.Column, 1, int.MaxValue));
}

/// <summary>A text that is no YAML as rules need it.</summary>
internal sealed class YamlTextException(Place place, string message) : Exception(message)
{
    internal Place Place => place;
}
