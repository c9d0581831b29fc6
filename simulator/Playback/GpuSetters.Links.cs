using System.Globalization;
using Monitoring.Simulator.State;

namespace Monitoring.Simulator.Playback;

/// <content>Links, and how values become words of the state.</content>
internal static partial class GpuSetters
{
    // Places of the port counters among a link's counters, after native/fields.c.
    private const int LinkRecoveryCounter = 10;
    private const int EffectiveErrorsCounter = 11;
    private const int SymbolErrorsCounter = 12;

    private delegate void LinkSetter(ref LinkState link, double value);

    private static GpuSetter? Link(string label, LinkSetter set)
    {
        if (!int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number >= StateFile.LinkLimit) return null;
        return (ref state, value) =>
        {
            Span<LinkState> links = state.Links;
            set(ref links[number], value);
        };
    }

    private static GpuSetter? LinkErrors(string label, string type) => type switch
    {
        "replay" => Link(label, static (ref link, value) => link.Errors[(int)LinkError.Replay] = Wide(value, 1)),
        "recovery" => Link(label, static (ref link, value) => link.Errors[(int)LinkError.Recovery] = Wide(value, 1)),
        "crc_flit" => Link(label, static (ref link, value) => link.Errors[(int)LinkError.CrcFlit] = Wide(value, 1)),
        "crc_data" => Link(label, static (ref link, value) => link.Errors[(int)LinkError.CrcData] = Wide(value, 1)),
        "link_recovery" => Link(label, static (ref link, value) => link.Counters[LinkRecoveryCounter] = Wide(value, 1)),
        "effective" => Link(label, static (ref link, value) => link.Counters[EffectiveErrorsCounter] = Wide(value, 1)),
        "symbol" => Link(label, static (ref link, value) => link.Counters[SymbolErrorsCounter] = Wide(value, 1)),
        _ => null,
    };

    /// <summary>A recording has the sum over the links; each gets its part, the first one what is left over.</summary>
    private static void Spread(ref GpuState state, double bytes, bool transmit)
    {
        if (state.LinkCount == 0 || double.IsNaN(bytes)) return;
        Span<LinkState> links = state.Links;
        var all = Wide(bytes, 1 / Kibi);
        for (var number = 0; number < (int)state.LinkCount; number++)
        {
            var part = all / state.LinkCount + (number == 0 ? all % state.LinkCount : 0);
            if (transmit) links[number].TransmitKibibytes = part;
            else links[number].ReceiveKibibytes = part;
        }
    }

    /// <summary>Of series of which one is 1: the place of that one; none where they have no value.</summary>
    private static uint Chosen(uint now, uint place, double value) => double.IsNaN(value) ? Absent.Value : value == 1 ? place : now == Absent.Value ? 0 : now;

    private static uint Word(double value, double scale) => double.IsNaN(value) ? Absent.Value : (uint)Math.Clamp(Math.Round(value * scale), 0, uint.MaxValue - 1.0);

    private static ulong Wide(double value, double scale, ulong none = Absent.Wide) =>
        // Beyond 2^63 no reading lies, and no double is exact.
        double.IsNaN(value) ? none : (ulong)Math.Clamp(Math.Round(value * scale), 0, long.MaxValue / 2);

    private static int Signed(double value) => double.IsNaN(value) ? Absent.Signed : (int)Math.Clamp(Math.Round(value), -1000, 1000);

    private static GpuSetter? At(string[] names, string name, Func<int, GpuSetter> make) => Array.IndexOf(names, name) is var place and >= 0 ? make(place) : null;
}
