using System.Diagnostics.CodeAnalysis;

namespace Monitoring.Settings.Values;

internal sealed class TextFormat : ScalarFormat
{
    internal override string TypeName => "text";

    internal override string Description => "text";

    internal override bool TryParse(string text, [NotNullWhen(true)] out object? value)
    {
        value = text;
        return true;
    }

    internal override string Write(object value) => (string)value;
}
