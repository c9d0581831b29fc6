using System.Text;

namespace Microsoft.Extensions.Hosting.Systemd;

/// <summary>One or more lines of sd_notify(3), such as <c>READY=1</c>, <c>WATCHDOG=1</c> or <c>STATUS=text</c>.</summary>
// The package's type has no equality members either: adding some would let callers use what upstream lacks.
#pragma warning disable CA1815
public struct ServiceState
#pragma warning restore CA1815
{
    /// <summary>The service has started.</summary>
    public static readonly ServiceState Ready = new("READY=1");

    /// <summary>The service has begun to stop.</summary>
    public static readonly ServiceState Stopping = new("STOPPING=1");

    private readonly byte[]? _utf8;

    /// <summary>A state of the caller's own; lines are parted by <c>\n</c>.</summary>
    public ServiceState(string state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _utf8 = Encoding.UTF8.GetBytes(state);
    }

    internal readonly ReadOnlySpan<byte> Utf8 => _utf8;

    /// <summary>The state as text; empty for <c>default</c>.</summary>
    public override readonly string ToString() => Encoding.UTF8.GetString(Utf8);
}
