using System.Globalization;
using System.Text;
using Monitoring.Contracts.Captures;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Capture.Counters;

/// <summary>
/// The counters of one GPU or MIG instance as CSV: a line per reading with its time, where it stands to the recording (before, during,
/// after) and a column per series with its name as it is exported. An empty field is no value.
/// </summary>
internal static class CounterFile
{
    internal const string Before = "before";
    internal const string During = "during";
    internal const string After = "after";

    /// <summary>The first two columns.</summary>
    internal const string TimeColumn = "time_unix_microseconds";
    internal const string PhaseColumn = "phase";

    /// <summary>Name of the file of a window.</summary>
    internal static string NameOf(CounterWindow window) =>
        string.Create(CultureInfo.InvariantCulture, $"counters-gpu{window.Gpu.Index}{(window.Instance.Length > 0 ? "-" + window.Instance : "")}.csv");

    /// <summary>The whole file.</summary>
    internal static string Text(CounterWindow window, long from, long to)
    {
        var text = new StringBuilder();
        Header(text, window.Series);
        foreach (var row in window.Rows) Line(text, row, PhaseOf(row.UnixMicroseconds, from, to));
        return text.ToString();
    }

    /// <summary>A file without its lines of after, to which those of a window are added: whatever was added before is replaced.</summary>
    /// <param name="written">The file as it was left; it may end in the middle of a line.</param>
    internal static string WithAfter(string written, CounterWindow? window, long from, long to)
    {
        var text = new StringBuilder();
        var lines = written[..(written.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var line in lines.Where(static line => !HasAfter(line))) text.Append(line).Append('\n');
        if (window is null) return text.ToString();
        var header = new StringBuilder();
        Header(header, window.Series);
        // MIG mode or links changed in between: columns would not be those of the header.
        if (lines is not [var first, ..] || first != header.ToString().TrimEnd('\n')) return text.ToString();
        foreach (var row in window.Rows)
            if (row.UnixMicroseconds > to) Line(text, row, PhaseOf(row.UnixMicroseconds, from, to));
        return text.ToString();
    }

    /// <summary>True for a text with a line of after.</summary>
    internal static bool HasAfter(string text) => text.Contains($",{After},", StringComparison.Ordinal);

    /// <summary>Where a reading stands.</summary>
    internal static string PhaseOf(long at, long from, long to) => at < from ? Before : at <= to ? During : After;

    /// <summary>What the file is in a bundle.</summary>
    internal static Profilers.ProfilerFile FileOf(string name) => new(name, CaptureFileKinds.Counters, "text/csv");

    private static void Header(StringBuilder text, IReadOnlyList<string> series)
    {
        text.Append(TimeColumn).Append(',').Append(PhaseColumn);
        // Names with labels have quotation marks and commas.
        foreach (var name in series) text.Append(',').Append(name.Contains('"', StringComparison.Ordinal) ? $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : name);
        text.Append('\n');
    }

    private static void Line(StringBuilder text, in CounterRow row, string phase)
    {
        text.Append(CultureInfo.InvariantCulture, $"{row.UnixMicroseconds},{phase}");
        foreach (var value in row.Values)
        {
            text.Append(',');
            // In the digits that the recorder has of it.
            if (Math.Abs(value) >= FlightRecorder.Large) text.Append(CultureInfo.InvariantCulture, $"{value:R}");
            else if (!double.IsNaN(value)) text.Append(CultureInfo.InvariantCulture, $"{(float)value:R}");
        }
        text.Append('\n');
    }
}
