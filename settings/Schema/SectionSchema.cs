using System.Collections.Concurrent;
using System.Reflection;

namespace Monitoring.Settings.Schema;

/// <summary>The keys of one settings class, in the order of its properties.</summary>
internal sealed class SectionSchema
{
    /// <summary>A list of sections that hold lists of themselves has no end; the keys are named down to here.</summary>
    private const int MaximumDepth = 8;

    private static readonly ConcurrentDictionary<Type, SectionSchema> Known = new();

    private SectionSchema(Type type)
    {
        Type = type;
        Properties = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(IsSetting)
            .OrderBy(static property => Depth(property.DeclaringType)).ThenBy(static property => property.MetadataToken).Select(static property => new PropertySchema(property))];
        if (Properties is [])
            throw new InvalidOperationException($"{type} is used as settings and has no property with [Setting(...)].");
    }

    internal Type Type { get; }

    internal IReadOnlyList<PropertySchema> Properties { get; }

    internal static SectionSchema Of(Type type) => Known.GetOrAdd(type, static type => new SectionSchema(type));

    internal PropertySchema? Find(string name, StringComparison comparison) => Properties.FirstOrDefault(property => property.Name.Equals(name, comparison));

    /// <summary>A new instance with the defaults.</summary>
    internal object Create() => Activator.CreateInstance(Type) ?? throw new InvalidOperationException($"{Type} has no instance.");

    /// <summary>Every key with its property; <c>[]</c> stands for the elements of a list.</summary>
    internal IEnumerable<(string Key, PropertySchema Property)> Keys(string prefix = "", int depth = 0)
    {
        foreach (var property in Properties)
        {
            var key = prefix + property.Name;
            yield return (key, property);
            if (property.Shape is not (PropertyShape.Section or PropertyShape.SectionList) || depth == MaximumDepth)
                continue;
            foreach (var inner in property.Section.Keys(key + (property.Shape == PropertyShape.Section ? "." : "[]."), depth + 1))
                yield return inner;
        }
    }

    /// <summary>What a settings class takes over from another comes before what it adds.</summary>
    private static int Depth(Type? type) => type is null ? 0 : 1 + Depth(type.BaseType);

    /// <summary>A property is a setting if it can be set; computed properties are none. A section may be get-only: it is known by the settings in it.</summary>
    private static bool IsSetting(PropertyInfo property) =>
        property.GetIndexParameters() is []
        && (property.IsDefined(typeof(SettingAttribute)) || property.SetMethod is { IsPublic: true }
            || Array.Exists(property.PropertyType.GetProperties(), static inner => inner.IsDefined(typeof(SettingAttribute))));
}
