using System.Globalization;
using System.Text.RegularExpressions;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.FabricManager;

/// <summary>A line of Fabric Manager's log: <c>[Feb 25 2025 13:59:45] [ERROR] [tid 1803] words</c>, in the node's local time.</summary>
/// <param name="Time">When it was written.</param>
/// <param name="Level">INFO, WARNING, ERROR, CRITICAL or FATAL.</param>
/// <param name="Message">Its words.</param>
internal sealed partial record FabricManagerLine(DateTimeOffset Time, string Level, string Message)
{
    /// <summary>True for a line that tells of an error.</summary>
    internal bool IsError => Level is "ERROR" or "CRITICAL" or "FATAL";

    /// <summary>Critical where the fabric is lost, warning elsewhere.</summary>
    internal EventSeverity Severity => Level is "ERROR" ? EventSeverity.Warning : EventSeverity.Critical;

    /// <summary>Reads a line. Never throws, whatever the line.</summary>
    /// <returns>Null for a line that continues another or has another form.</returns>
    internal static FabricManagerLine? Parse(string line, TimeZoneInfo zone)
    {
        if (Form().Match(line) is not { Success: true } match) return null;
        if (!DateTime.TryParseExact(match.Groups["time"].Value, "MMM d yyyy HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AllowInnerWhite, out var local)) return null;
        return new FabricManagerLine(new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime(), match.Groups["level"].Value, match.Groups["message"].Value.Trim());
    }

    [GeneratedRegex(@"^\[(?<time>[A-Z][a-z]{2} [ 0-9]?[0-9] [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2})\] \[(?<level>[A-Z]{4,8})\] (?:\[tid [0-9]+\] )?(?<message>.*)$")]
    private static partial Regex Form();
}
