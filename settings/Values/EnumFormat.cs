using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Monitoring.Settings.Schema;

namespace Monitoring.Settings.Values;

/// <summary>
/// The names of an enumeration in snake_case, or as their <see cref="SettingNameAttribute"/> says; case, dashes and underscores do not
/// matter when read.
/// </summary>
internal sealed class EnumFormat(Type type) : ScalarFormat
{
    private readonly (string Name, object Value)[] values = [.. Enum.GetNames(type).Select(name => (NameOf(type, name), Enum.Parse(type, name)))];

    internal override string TypeName => string.Join(" \\| ", values.Select(static value => $"`{value.Name}`"));

    internal override string Description => values is [var only] ? $"'{only.Name}'" : $"{string.Join(", ", values[..^1].Select(static value => value.Name))} or {values[^1].Name}";

    internal override bool TryParse(string text, [NotNullWhen(true)] out object? value)
    {
        var plain = KeyName.Plain(text);
        value = values.FirstOrDefault(known => KeyName.Plain(known.Name).Equals(plain, StringComparison.Ordinal)).Value;
        return value is not null;
    }

    internal override string Write(object value) => NameOf(type, value.ToString() ?? "");

    private static string NameOf(Type type, string name) => type.GetField(name)?.GetCustomAttribute<SettingNameAttribute>()?.Name ?? KeyName.Of(name);
}
