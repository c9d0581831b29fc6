using System.Globalization;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Profilers;

/// <summary>Says in a summary which report it is of: a profiler writes one for each process or session, and one is summarised.</summary>
internal static class SummarisedReport
{
    /// <summary>The summary with the name of its report, and with a note where there are others.</summary>
    /// <param name="report">The file's name.</param>
    /// <param name="which">What makes it the one, in words; empty for nothing.</param>
    /// <param name="reports">How many reports there are with it.</param>
    internal static ProfilerSummary Named(ProfilerSummary summary, string report, string which, int reports)
    {
        var named = summary with { Report = report };
        if (reports < 2) return named;
        var process = summary.Pids switch
        {
            [] => "",
            [var pid] => string.Create(CultureInfo.InvariantCulture, $" (process {pid})"),
            var pids => $" (processes {string.Join(", ", pids.Take(8).Select(static pid => pid.ToString(CultureInfo.InvariantCulture)))}{(pids.Count > 8 ? " and more" : "")})",
        };
        var others = string.Create(CultureInfo.InvariantCulture, $"the other {(reports == 2 ? "report was" : $"{reports - 1} reports were")} not summarised");
        return named with { Notes = [.. summary.Notes, $"This is the summary of {report}{process}{which}; {others}."] };
    }
}
