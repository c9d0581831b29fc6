using System.Diagnostics.CodeAnalysis;

namespace Monitoring.Settings.Values;

/// <summary>How the values of one type are written in the configuration.</summary>
internal abstract class ScalarFormat
{
    /// <summary>The type in a word, for tables: <c>duration</c>.</summary>
    internal abstract string TypeName { get; }

    /// <summary>What is expected, for errors: <c>a duration</c>.</summary>
    internal abstract string Description { get; }

    /// <summary>A value for errors where the setting has no default; null where the description is enough.</summary>
    internal virtual string? Example => null;

    /// <summary>Whether <c>Minimum</c> and <c>Maximum</c> make sense.</summary>
    internal virtual bool HasOrder => false;

    /// <summary>Reads a value; the result is of the setting's own type.</summary>
    internal abstract bool TryParse(string text, [NotNullWhen(true)] out object? value);

    /// <summary>Writes a value so that <see cref="TryParse"/> reads it back.</summary>
    internal abstract string Write(object value);

    /// <summary>Text of a value as errors and reports may show it.</summary>
    internal virtual string Redact(string text) => text;

    /// <summary>The format of a type, or null where the type is not written as one value.</summary>
    /// <param name="type">The type without <see cref="Nullable{T}"/>.</param>
    /// <param name="propertyName">A name that ends in <c>Bytes</c> makes a number a size.</param>
    internal static ScalarFormat? Of(Type type, string propertyName)
    {
        var isSize = propertyName.EndsWith("Bytes", StringComparison.Ordinal);
        return type switch
        {
            _ when type == typeof(string) => new TextFormat(),
            _ when type == typeof(bool) => new BooleanFormat(),
            _ when type == typeof(int) => isSize ? new ByteSizeFormat(typeof(int)) : new NumberFormat<int>("a whole number"),
            _ when type == typeof(long) => isSize ? new ByteSizeFormat(typeof(long)) : new NumberFormat<long>("a whole number"),
            _ when type == typeof(double) => new NumberFormat<double>("a number"),
            _ when type == typeof(TimeSpan) => new DurationFormat(),
            _ when type == typeof(Uri) => new UrlFormat(),
            { IsEnum: true } => new EnumFormat(type),
            _ => null,
        };
    }
}
