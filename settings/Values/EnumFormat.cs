using System.Diagnostics.CodeAnalysis;
using Monitoring.Settings.Schema;

namespace Monitoring.Settings.Values;

/// <summary>The names of an enumeration in snake_case; case, dashes and underscores do not matter when read.</summary>
internal sealed class EnumFormat(Type type) : ScalarFormat
{
    private readonly string[] names = [.. Enum.GetNames(type).Select(KeyName.Of)];

    internal override string TypeName => string.Join(" \\| ", names.Select(static name => $"`{name}`"));

    internal override string Description => names is [var only] ? $"'{only}'" : $"{string.Join(", ", names[..^1])} or {names[^1]}";

    internal override bool TryParse(string text, [NotNullWhen(true)] out object? value)
    {
        var plain = KeyName.Plain(text);
        var name = Enum.GetNames(type).FirstOrDefault(name => KeyName.Plain(name).Equals(plain, StringComparison.Ordinal));
        value = name is null ? null : Enum.Parse(type, name);
        return value is not null;
    }

    internal override string Write(object value) => KeyName.Of(value.ToString() ?? "");
}
