using System.Text.Json;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Summaries.Nsys;

/// <summary>What an export says of the recording itself.</summary>
internal sealed class NsysSession(NsysExport export)
{
    private const int DiagnosticsAtMost = ProfilerSummary.RowsAtMost;
    private const int RecordedAtMost = 64;

    // ENUM_DIAGNOSTIC_SEVERITY_LEVEL
    private const long Warning = 2;
    private const long Error = 3;

    private readonly List<ProfilerDiagnostic> diagnostics = [];
    private readonly List<string> recorded = [];
    private string product = "";
    private string version = "";

    internal string Tool => $"{product} {version}".Trim();

    /// <summary>What was to be recorded, such as cuda.</summary>
    internal IReadOnlyList<string> Recorded => recorded;

    /// <summary>How long, nanoseconds; null where the export does not say.</summary>
    internal long? Duration { get; private set; }

    /// <summary>What times count from, nanoseconds since 1970; null where the export does not say.</summary>
    internal long? Zero { get; private set; }

    /// <summary>Errors first.</summary>
    internal IReadOnlyList<ProfilerDiagnostic> Diagnostics => [.. diagnostics.OrderBy(static diagnostic => diagnostic.Severity, StringComparer.Ordinal)];

    internal void Read()
    {
        export.Each("META_DATA_EXPORT", ["name", "value"], required: 2, rows =>
        {
            var name = rows.Text(0, 64);
            if (name is "EXPORT_PRODUCT_NAME") product = rows.Text(1, 128);
            else if (name is "EXPORT_PRODUCT_VERSION") version = rows.Text(1, 64);
        });
        export.Each("META_DATA_CAPTURE", ["name", "value"], required: 2, rows =>
        {
            if (rows.Text(0, 32) is not "CAPTURE_EVENT_TYPE" || recorded.Count >= RecordedAtMost) return;
            var type = JsonNamingPolicy.SnakeCaseLower.ConvertName(rows.Text(1, 64));
            if (type is not "" && !recorded.Contains(type)) recorded.Add(type);
        });
        export.Each("ANALYSIS_DETAILS", ["duration"], required: 1, rows =>
        {
            if (rows.TryInteger(0, out var duration) && duration > 0 && Nanoseconds.ToSeconds(duration) < TimeSpan.FromDays(366).TotalSeconds) Duration = Math.Max(duration, Duration ?? 0);
        });
        export.Each("TARGET_INFO_SESSION_START_TIME", ["utcEpochNs"], required: 1, rows =>
        {
            if (rows.TryInteger(0, out var zero) && Nanoseconds.ToTime(zero) is not null) Zero = zero;
        });
        export.Each("DIAGNOSTIC_EVENT", ["severity", "text"], required: 2, rows =>
        {
            var severity = rows.Integer(0);
            if (severity is not (Warning or Error)) return;
            var diagnostic = new ProfilerDiagnostic(severity == Error ? "error" : "warning", rows.Text(1, ProfilerSummary.NameLengthAtMost).ReplaceLineEndings(" ").Trim());
            if (diagnostic.Text is "" || diagnostics.Contains(diagnostic)) return;
            if (diagnostics.Count < DiagnosticsAtMost) diagnostics.Add(diagnostic);
            // An error is worth more than a warning that came before it.
            else if (severity == Error && diagnostics.FindLastIndex(static known => known.Severity is "warning") is >= 0 and var place) diagnostics[place] = diagnostic;
        });
    }
}
