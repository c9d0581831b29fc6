using Monitoring.Settings.Schema;

namespace Monitoring.Settings.Loading;

/// <summary>Asks every settings class for its rules between settings.</summary>
internal static class RuleCheck
{
    /// <summary>The source of an error about a value that nobody set.</summary>
    internal const string DefaultOrigin = "default";

    /// <summary>Adds the broken rules; a class in which a value could not be read is not asked, for it would judge a default instead.</summary>
    internal static void Run(SectionSchema schema, object root, IReadOnlyDictionary<string, string> origins, List<SettingError> errors)
    {
        // A source that could not be read at all may have held any key.
        if (errors.Exists(static error => error.Key is ""))
            return;
        var wrongKeys = errors.Select(static error => error.Key).ToArray();
        var found = new List<SettingError>();
        foreach (var (prefix, section, value) in Sections("", schema, root))
        {
            if (value is not ICheckSettings rules || wrongKeys.Any(key => key.StartsWith(prefix, StringComparison.Ordinal)))
                continue;
            foreach (var (key, expected) in rules.Check())
                found.Add(Error(prefix, section, value, key, expected, origins));
        }

        errors.AddRange(found);
    }

    private static IEnumerable<(string Prefix, SectionSchema Section, object Value)> Sections(string prefix, SectionSchema schema, object value)
    {
        yield return (prefix, schema, value);
        foreach (var property in schema.Properties)
        {
            var inner = property.Shape switch
            {
                PropertyShape.Section when property.Property.GetValue(value) is { } section => [(property.Name + ".", section)],
                PropertyShape.SectionList => Collection.Items(property.Property.GetValue(value)).Select((item, index) => ($"{property.Name}.{index}.", item)),
                _ => Enumerable.Empty<(string, object)>(),
            };
            foreach (var (name, section) in inner)
                foreach (var found in Sections(prefix + name, property.Section, section))
                    yield return found;
        }
    }

    private static SettingError Error(string prefix, SectionSchema section, object value, string key, string expected, IReadOnlyDictionary<string, string> origins)
    {
        var fullKey = prefix + key;
        var origin = OriginOf(fullKey, origins);
        return Found(section, value, key) is not { Property: var property, Text: var text } ? new SettingError(origin, fullKey, null, $"is wrong, expected {expected}")
            : text is null ? new SettingError(origin, fullKey, null, $"is not set, expected {expected}")
            : new SettingError(origin, fullKey, Expectation.Value(property, text), expected);
    }

    /// <summary>The value of a key relative to its class: <c>fast_interval</c> or <c>nested.key</c>; null where the key is no single value.</summary>
    private static (PropertySchema Property, string? Text)? Found(SectionSchema section, object value, string key)
    {
        var dot = key.IndexOf('.', StringComparison.Ordinal);
        if (section.Find(dot < 0 ? key : key[..dot], StringComparison.Ordinal) is not { } property)
            return null;
        var held = property.Property.GetValue(value);
        return property.Shape switch
        {
            PropertyShape.Section when dot > 0 && held is not null => Found(property.Section, held, key[(dot + 1)..]),
            PropertyShape.Scalar when dot < 0 => (property, held is null ? null : property.Format?.Write(held)),
            PropertyShape.List when dot < 0 => (property, string.Join(", ", Collection.Items(held).Select(item => property.Format?.Write(item)))),
            _ => null,
        };
    }

    /// <summary>Who set the key, or the nearest thing around it: an element's origin is that of its list.</summary>
    internal static string OriginOf(string key, IReadOnlyDictionary<string, string> origins)
    {
        for (var part = key; part.Length > 0; part = part[..Math.Max(0, part.LastIndexOf('.'))])
            if (origins.TryGetValue(part, out var origin))
                return origin;
        return DefaultOrigin;
    }
}
