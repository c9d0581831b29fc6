using System.Diagnostics.CodeAnalysis;

namespace Monitoring.Settings.Values;

internal sealed class DurationFormat : ScalarFormat
{
    internal override string TypeName => "duration";

    internal override string Description => "a duration";

    internal override string Example => "100ms, 5s or 1m30s";

    internal override bool HasOrder => true;

    internal override bool TryParse(string text, [NotNullWhen(true)] out object? value)
    {
        value = Duration.TryParse(text, out var parsed) ? parsed : null;
        return value is not null;
    }

    internal override string Write(object value) => Duration.Format((TimeSpan)value);
}
