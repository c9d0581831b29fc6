using System.Reflection;
using Monitoring.Settings.Values;

namespace Monitoring.Settings.Schema;

/// <summary>One property of a settings class, as a key of the configuration.</summary>
internal sealed class PropertySchema
{
    private readonly object? minimum;
    private readonly object? maximum;

    internal PropertySchema(PropertyInfo property)
    {
        Property = property;
        Name = KeyName.Of(property.Name);
        (Shape, ElementType) = ShapeOf(property.PropertyType);
        Format = Shape is PropertyShape.Section or PropertyShape.SectionList ? null : ScalarFormat.Of(ElementType, property.Name);
        if (Format is null && Shape is (PropertyShape.Scalar or PropertyShape.Map))
            throw Misdeclared("is of a type that no setting can have");
        Attribute = property.GetCustomAttribute<SettingAttribute>();
        if (Attribute is null && Shape != PropertyShape.Section)
            throw Misdeclared("has no [Setting(...)]");
        if (property.SetMethod is null && Shape != PropertyShape.Section)
            throw Misdeclared("has no setter");
        IsOptional = Shape == PropertyShape.Scalar && ElementType != typeof(string)
            && new NullabilityInfoContext().Create(property).ReadState == NullabilityState.Nullable;
        minimum = Limit(Attribute?.Minimum);
        maximum = Limit(Attribute?.Maximum);
    }

    internal PropertyInfo Property { get; }

    /// <summary>The key inside its section.</summary>
    internal string Name { get; }

    internal PropertyShape Shape { get; }

    /// <summary>The type of one value, or of one section; never nullable.</summary>
    internal Type ElementType { get; }

    /// <summary>How a value is written; null for sections.</summary>
    internal ScalarFormat? Format { get; }

    internal SettingAttribute? Attribute { get; }

    /// <summary>Whether an empty text means that nothing is set; text itself is empty then.</summary>
    internal bool IsOptional { get; }

    internal bool IsSecret => Attribute?.Secret ?? false;

    internal string Help => Attribute?.Help ?? ElementType.GetCustomAttribute<SettingsSectionAttribute>()?.Help ?? "";

    /// <summary>The settings of a section or of a list's elements.</summary>
    internal SectionSchema Section => SectionSchema.Of(ElementType);

    /// <summary>The limits in words, with a space in front, such as <c> from 20ms to 10s</c>; empty without limits.</summary>
    internal string Limits => (Attribute?.Minimum, Attribute?.Maximum) switch
    {
        (null, null) => "",
        ({ } low, null) => $" of at least {low}",
        (null, { } high) => $" of at most {high}",
        ({ } low, { } high) => $" from {low} to {high}",
    };

    internal bool IsWithinLimits(object value) =>
        (minimum is null || ((IComparable)value).CompareTo(minimum) >= 0) && (maximum is null || ((IComparable)value).CompareTo(maximum) <= 0);

    private object? Limit(string? text)
    {
        if (text is null)
            return null;
        return Format is { HasOrder: true } && Format.TryParse(text, out var limit) ? limit : throw Misdeclared($"cannot have the limit '{text}'");
    }

    private InvalidOperationException Misdeclared(string what) =>
        new($"The settings property {Property.DeclaringType?.Name}.{Property.Name} of type {Property.PropertyType.Name} {what}.");

    private static (PropertyShape Shape, Type ElementType) ShapeOf(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string) || type == typeof(Uri) || type.IsValueType)
            return (PropertyShape.Scalar, type);
        var generic = type.IsGenericType ? type.GetGenericArguments() : [];
        var element = type.IsArray ? type.GetElementType() : null;
        if (generic is [var key, var value] && key == typeof(string) && type.IsAssignableFrom(typeof(Dictionary<,>).MakeGenericType(key, value)))
            return (PropertyShape.Map, value);
        if (generic is [var item] && type.IsAssignableFrom(typeof(List<>).MakeGenericType(item)))
            element = item;
        if (element is null)
            return (PropertyShape.Section, type);
        return (ScalarFormat.Of(element, "") is null ? PropertyShape.SectionList : PropertyShape.List, element);
    }
}
