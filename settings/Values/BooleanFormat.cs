using System.Diagnostics.CodeAnalysis;

namespace Monitoring.Settings.Values;

/// <summary><c>true</c> and <c>false</c>; not YAML 1.1's <c>yes</c> and <c>off</c>, which mean different things to different readers.</summary>
internal sealed class BooleanFormat : ScalarFormat
{
    internal override string TypeName => "boolean";

    internal override string Description => "true or false";

    internal override bool TryParse(string text, [NotNullWhen(true)] out object? value)
    {
        value = bool.TryParse(text, out var parsed) ? parsed : null;
        return value is not null;
    }

    internal override string Write(object value) => (bool)value ? "true" : "false";
}
