using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Monitoring.Settings.Values;

/// <summary>Sizes in a property of type <see cref="int"/> or <see cref="long"/>.</summary>
internal sealed class ByteSizeFormat(Type type) : ScalarFormat
{
    internal override string TypeName => "size";

    internal override string Description => "a size in bytes";

    internal override string Example => "64MiB";

    internal override bool HasOrder => true;

    internal override bool TryParse(string text, [NotNullWhen(true)] out object? value)
    {
        value = null;
        if (!ByteSize.TryParse(text, out var bytes))
            return false;
        if (type == typeof(long))
            value = bytes;
        else if (bytes <= int.MaxValue)
            value = (int)bytes;
        return value is not null;
    }

    internal override string Write(object value) => ByteSize.Format(Convert.ToInt64(value, CultureInfo.InvariantCulture));
}
