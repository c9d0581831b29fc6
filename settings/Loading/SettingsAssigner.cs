using Monitoring.Settings.Schema;
using Monitoring.Settings.Sources;

namespace Monitoring.Settings.Loading;

/// <summary>Puts what the sources say into the settings, noting who said it and what is wrong; a wrong value leaves the setting as it was.</summary>
internal sealed class SettingsAssigner(SectionSchema schema, object root, List<SettingError> errors, string environmentPrefix)
{
    private readonly ValueReader reader = new(errors);
    private readonly Dictionary<string, string> origins = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> assigned = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Who set each key that is not at its default.</summary>
    internal IReadOnlyDictionary<string, string> Origins => origins;

    /// <summary>Assigns a whole file.</summary>
    internal void AssignAll(SourceNode top)
    {
        if (top is MapNode map)
            AssignSection(root, schema, "", map);
        else
            errors.Add(new SettingError(top.Origin, "", null, "holds no 'key: value' lines; the first level of a configuration is keys"));
    }

    /// <summary>Assigns one setting by its path.</summary>
    /// <param name="assignment">The path and the value.</param>
    /// <param name="isForeign">The name is none of ours if no setting is called so: it is passed over and not an error.</param>
    internal void Assign(Assignment assignment, bool isForeign)
    {
        var (owner, section, prefix) = (root, schema, "");
        for (var index = 0; index < assignment.Path.Length; index++)
        {
            if (section.Find(assignment.Path[index], assignment.Comparison) is not { } property)
            {
                if (!isForeign)
                    Unknown(assignment);
                return;
            }

            var key = prefix + property.Name;
            var rest = assignment.Path.AsSpan(index + 1);
            switch (property.Shape)
            {
                case PropertyShape.Section when rest is not []:
                    (owner, section, prefix) = (SectionOf(owner, property), property.Section, key + ".");
                    continue;
                case PropertyShape.SectionList when rest is [var number, _, ..]:
                    if (ElementOf(owner, property, key, number, assignment) is not { } element)
                        return;
                    (owner, section, prefix) = (element, property.Section, $"{key}.{number}.");
                    index++;
                    continue;
                case PropertyShape.Map when rest is not []:
                    AssignMapEntry(owner, property, key, string.Join(assignment.Separator, rest.ToArray()), assignment);
                    return;
                case PropertyShape.Scalar or PropertyShape.List when rest is not []:
                    Unknown(assignment);
                    return;
                default:
                    if (IsFirst(key, assignment))
                        AssignProperty(owner, property, key, InlineText.Node(property, assignment));
                    return;
            }
        }
    }

    private void AssignSection(object section, SectionSchema sectionSchema, string prefix, MapNode map)
    {
        foreach (var entry in Distinct(map, prefix))
        {
            if (sectionSchema.Find(entry.Key, StringComparison.Ordinal) is { } property)
                AssignProperty(section, property, prefix + property.Name, entry.Value);
            else
                errors.Add(new SettingError(entry.Origin, prefix + Shown.Text(entry.Key), null, UnknownKey.Sentence(schema, prefix + entry.Key)));
        }
    }

    private void AssignProperty(object owner, PropertySchema property, string key, SourceNode node)
    {
        switch (property.Shape, node)
        {
            case (PropertyShape.Section, ScalarNode { Text: null }):
                // All its keys are commented out: nothing is set.
                break;
            case (PropertyShape.Section, MapNode map):
                AssignSection(SectionOf(owner, property), property.Section, key + ".", map);
                break;
            case (PropertyShape.Scalar, ScalarNode { Text: "" }) when property.IsOptional:
                property.Property.SetValue(owner, null);
                SetBy(key, node.Origin);
                break;
            case (PropertyShape.Scalar, ScalarNode { Text: not null } scalar):
                Set(reader.Scalar(property, key, scalar));
                break;
            case (PropertyShape.List, ListNode list):
                Set(reader.List(property, key, list));
                break;
            case (PropertyShape.Map, MapNode map):
                Set(reader.Map(property, key, [.. Distinct(map, key + ".")]));
                break;
            case (PropertyShape.SectionList, ListNode list):
                AssignSectionList(owner, property, key, list);
                break;
            default:
                errors.Add(Expectation.WrongShape(property, key, node));
                break;
        }

        void Set(object? value)
        {
            if (value is null)
                return;
            property.Property.SetValue(owner, value);
            SetBy(key, node.Origin);
        }
    }

    private void AssignSectionList(object owner, PropertySchema property, string key, ListNode list)
    {
        var elements = list.Items.Select(_ => property.Section.Create()).ToArray();
        property.Property.SetValue(owner, Collection.Of(property, elements));
        SetBy(key, list.Origin);
        for (var index = 0; index < elements.Length; index++)
        {
            if (list.Items[index] is MapNode map)
                AssignSection(elements[index], property.Section, $"{key}.{index}.", map);
            else
                errors.Add(Expectation.NoSection(property, $"{key}.{index}", list.Items[index]));
        }
    }

    private void AssignMapEntry(object owner, PropertySchema property, string key, string name, Assignment assignment)
    {
        if (!IsFirst($"{key}.{name}", assignment) || reader.Scalar(property, $"{key}.{name}", new ScalarNode(assignment.Origin, assignment.Text)) is not { } value)
            return;
        property.Property.SetValue(owner, Collection.With(property, property.Property.GetValue(owner), name, value));
        origins[$"{key}.{name}"] = assignment.Origin;
    }

    private static object SectionOf(object owner, PropertySchema property)
    {
        if (property.Property.GetValue(owner) is { } section)
            return section;
        var created = property.Section.Create();
        property.Property.SetValue(owner, created);
        return created;
    }

    /// <summary>An element of a list of sections; the number after the last one adds one.</summary>
    private object? ElementOf(object owner, PropertySchema property, string key, string number, Assignment assignment)
    {
        var elements = Collection.Items(property.Property.GetValue(owner));
        if (uint.TryParse(number, out var index) && index < elements.Length)
            return elements[index];
        if (index == elements.Length && number.All(char.IsAsciiDigit))
        {
            var added = property.Section.Create();
            property.Property.SetValue(owner, Collection.Of(property, [.. elements, added]));
            return added;
        }

        errors.Add(new SettingError(assignment.Origin, $"{key}.{Shown.Text(number)}", null, $"is not an element of the list, which has {elements.Length}; the next one is {key}.{elements.Length}"));
        return null;
    }

    /// <summary>The entries with each key once; the first one counts.</summary>
    private IEnumerable<MapEntry> Distinct(MapNode map, string prefix)
    {
        var first = new Dictionary<string, MapEntry>(StringComparer.Ordinal);
        foreach (var entry in map.Entries)
        {
            if (first.TryAdd(entry.Key, entry))
                yield return entry;
            else
                errors.Add(new SettingError(entry.Origin, prefix + Shown.Text(entry.Key), null, $"is set twice, first at {first[entry.Key].Origin}; remove one of them"));
        }
    }

    /// <summary>Two variables of the environment can name one key in different case; no order between them would be right.</summary>
    private bool IsFirst(string key, Assignment assignment)
    {
        if (assignment.Comparison == StringComparison.Ordinal || assigned.TryAdd(key, assignment.Origin))
            return true;
        errors.Add(new SettingError(assignment.Origin, key, null, $"is set twice, also by {assigned[key]}; remove one of them"));
        return false;
    }

    private void Unknown(Assignment assignment)
    {
        var isEnvironment = assignment.Comparison == StringComparison.OrdinalIgnoreCase;
        var key = string.Join('.', assignment.Path);
        if (isEnvironment)
            key = key.ToLowerInvariant();
        errors.Add(new SettingError(assignment.Origin, Shown.Text(key), null, UnknownKey.Sentence(schema, key, isEnvironment ? environmentPrefix : null)));
    }

    /// <summary>Notes who set a key; what was known of parts of an older value is gone.</summary>
    private void SetBy(string key, string origin)
    {
        foreach (var part in origins.Keys.Where(part => part.StartsWith(key + ".", StringComparison.Ordinal)).ToArray())
            origins.Remove(part);
        origins[key] = origin;
    }
}
