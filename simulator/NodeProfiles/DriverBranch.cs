using System.Globalization;

namespace Monitoring.Simulator.NodeProfiles;

/// <summary>What a driver version implies: the NVML header it was built with and the numbering of its field ids.</summary>
internal static class DriverBranch
{
    /// <summary>First driver branch of each header version (12.4 is 1204), from NVIDIA's release notes.</summary>
    private static readonly (int Branch, uint Header)[] Headers =
    [
        (450, 1100), (455, 1101), (460, 1102), (465, 1103), (470, 1104), (495, 1105), (510, 1106), (515, 1107), (520, 1108), (525, 1200), (530, 1201),
        (535, 1202), (545, 1203), (550, 1204), (555, 1205), (560, 1206), (565, 1207), (570, 1208), (575, 1209), (580, 1300), (590, 1301), (595, 1302), (610, 1303),
    ];

    /// <summary>Minor version of R580 that moved the field ids back.</summary>
    private const int MovedBackInMinor = 82;

    public static bool TryParse(string version, out int branch, out int minor)
    {
        minor = 0;
        var parts = version.Split('.');
        return int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out branch) && branch is >= 450 and < 10_000
            && (parts.Length == 1 || int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out minor));
    }

    public static uint Header(int branch) => Headers.Last(entry => entry.Branch <= branch).Header;

    /// <summary>One of the FIELD_NUMBERING values of native/state.h.</summary>
    public static uint FieldNumbering(int branch, int minor) => branch switch
    {
        < 575 => 0,
        < 580 => 1,
        580 when minor < MovedBackInMinor => 1,
        _ => 2,
    };
}
