using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace Monitoring.Settings.Values;

/// <summary>Plain numbers with a point; no thousands separators, no infinities.</summary>
internal sealed class NumberFormat<T>(string description) : ScalarFormat where T : struct, INumber<T>
{
    private static readonly bool IsWhole = typeof(T) != typeof(double);

    internal override string TypeName => IsWhole ? "integer" : "number";

    internal override string Description => description;

    internal override bool HasOrder => true;

    internal override bool TryParse(string text, [NotNullWhen(true)] out object? value)
    {
        var style = IsWhole ? NumberStyles.AllowLeadingSign : NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        value = T.TryParse(text, style, CultureInfo.InvariantCulture, out var parsed) && T.IsFinite(parsed) ? parsed : null;
        return value is not null;
    }

    internal override string Write(object value) => ((T)value).ToString(null, CultureInfo.InvariantCulture);
}
