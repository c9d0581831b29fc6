using System.Globalization;

namespace Monitoring.Contracts.Xid;

/// <summary>How far an NVLink 5 error reaches.</summary>
public enum NvlinkReach
{
    /// <summary>Work goes on.</summary>
    Nonfatal,

    /// <summary>The link is lost: the GPU is to be drained and reset.</summary>
    LinkFatal,

    /// <summary>The GPU is lost to its applications.</summary>
    Fatal,
}

/// <summary>What the words of an XID 144 to 150 mean.</summary>
/// <param name="Immediate">Bucket of what recovers the system.</param>
/// <param name="Investigate">Bucket of how the cause is found.</param>
/// <param name="Reach">How far it reaches.</param>
/// <param name="Origin">hardware, driver, firmware or either.</param>
public sealed record NvlinkMeaning(string Immediate, string Investigate, NvlinkReach Reach, string Origin);

/// <summary>The published decoding of XID 144 to 150, as <c>nvlink5-decode.tsv</c> says it.</summary>
public static class NvlinkDecode
{
    private static readonly Row[] s_rows = [.. TabTable.Rows("nvlink5-decode.tsv").Select(static cells => new Row(cells))];

    /// <summary>
    /// What a message means; null where the table does not know it. Drivers before R575 lay the first word out differently and name
    /// some units differently; the masks tell which it is.
    /// </summary>
    /// <param name="code">144 to 150.</param>
    /// <param name="unit">The unit as the message names it, such as <c>NETIR_LINK_EVT</c>.</param>
    /// <param name="interruptInfo">First word in the parentheses.</param>
    /// <param name="errorStatus">Second word.</param>
    public static NvlinkMeaning? Find(int code, string unit, uint interruptInfo, uint errorStatus)
    {
        foreach (var row in s_rows)
        {
            if (row.Code != code || !row.IsUnit(unit) || (row.Status is { } status && status != errorStatus)) continue;
            if (row.Older.Fits(interruptInfo) || row.Newer.Fits(interruptInfo)) return row.Meaning;
            if (row.EscalatedOlder.Fits(interruptInfo) || row.EscalatedNewer.Fits(interruptInfo)) return row.Meaning with { Immediate = row.Escalated };
        }
        return null;
    }

    private readonly record struct Mask(uint Care, uint Value)
    {
        // A mask that cares for nothing is a missing one.
        internal bool Fits(uint word) => Care != 0 && (word & Care) == Value;

        internal static Mask Of(string bits)
        {
            uint care = 0, value = 0;
            foreach (var bit in bits)
            {
                care = (care << 1) | (bit == '-' ? 0u : 1u);
                value = (value << 1) | (bit == '1' ? 1u : 0u);
            }
            return new Mask(care, value);
        }
    }

    private sealed class Row(string[] cells)
    {
        private readonly string[] units = cells[1].Split('/');

        internal int Code { get; } = int.Parse(cells[0], CultureInfo.InvariantCulture);

        internal Mask Older { get; } = Mask.Of(cells[2]);

        internal Mask Newer { get; } = Mask.Of(cells[3]);

        internal uint? Status { get; } = cells[4] == "*" ? null : Convert.ToUInt32(cells[4], 16);

        internal Mask EscalatedOlder { get; } = Mask.Of(cells[6]);

        internal Mask EscalatedNewer { get; } = Mask.Of(cells[7]);

        internal string Escalated { get; } = cells[8];

        internal NvlinkMeaning Meaning { get; } = new(cells[5], cells[9], cells[10] switch
        {
            "fatal" => NvlinkReach.Fatal,
            "link_fatal" => NvlinkReach.LinkFatal,
            _ => NvlinkReach.Nonfatal,
        }, cells[11]);

        // Messages name the older unit, the newer one, or both with a slash between.
        internal bool IsUnit(string unit)
        {
            foreach (var part in unit.AsSpan().Split('/'))
                foreach (var known in units)
                    if (unit.AsSpan(part).SequenceEqual(known)) return true;
            return false;
        }
    }
}
