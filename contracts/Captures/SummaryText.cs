using System.Globalization;
using System.Text;
using static Monitoring.Contracts.Captures.SummaryNumbers;

namespace Monitoring.Contracts.Captures;

/// <summary>Summaries and comparisons as plain text for a terminal.</summary>
public static class SummaryText
{
    /// <summary>Rows of a table on a screen; the JSON has the rest.</summary>
    private const int RowsShown = 8;

    private const int NameWidth = 60;
    private const int FullNameWidth = 120;

    /// <summary>A summary: what stands out first, then the tables that have something in them.</summary>
    public static string Of(ProfilerSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        var text = new StringBuilder();
        Line(text, $"{summary.Profiler}: {(summary.Tool is "" ? "" : summary.Tool + ", ")}{Seconds(summary.Window.Seconds)} recorded{(summary.Window.From is { } from ? " from " + Time(from) : "")}");
        foreach (var finding in summary.Triage) Line(text, $"  {finding.Code}: {finding.Words}");
        foreach (var note in summary.Notes) Line(text, $"  note: {note}");
        foreach (var diagnostic in summary.Diagnostics) Line(text, $"  {diagnostic.Severity}: {Cut(diagnostic.Text, 200)}");
        foreach (var gpu in summary.Gpus) Gpu(text, gpu);
        Table(text, "kernels", summary.Kernels);
        if (summary.Nccl is { } nccl)
        {
            Heading(text, $"nccl: {Count(nccl.Count)} kernels, {Seconds(nccl.TotalSeconds)}, {Percent(nccl.KernelShareRatio)} of the kernels' time, alone {Seconds(nccl.ExposedSeconds)}");
            Rows(text, nccl.Collectives);
        }
        if (summary.Copies is { } copies)
        {
            Heading(text, $"copies: {Count(copies.Count)}, {Bytes(copies.Bytes)}, {Seconds(copies.TotalSeconds)}");
            foreach (var row in copies.Rows)
                Line(text, $"  {Percent(row.ShareRatio),7}  {Seconds(row.TotalSeconds),8}  {Count(row.Count),9}  {Bytes(row.Bytes),8}  {(row.BytesPerSecond is { } rate ? Bytes(rate) + "/s" : ""),10}  {row.Kind}");
        }
        Table(text, "api calls", summary.ApiCalls);
        Table(text, "operators", summary.Operators);
        Table(text, "ranges", summary.Ranges);
        if (summary.Steps is { } steps)
            Heading(text, $"steps: {Count(steps.Count)}, median {Seconds(steps.MedianSeconds)}, {Seconds(steps.MinSeconds)} to {Seconds(steps.MaxSeconds)} ({steps.LongestName})");
        Table(text, "system calls", summary.SystemCalls);
        if (summary.CpuSamples is { } samples)
        {
            Heading(text, $"processor samples: {Count(samples.Samples)}");
            foreach (var row in samples.Rows.Take(RowsShown)) Line(text, $"  {Percent(row.ShareRatio),7}  {Count(row.Samples),9}  {Cut(row.Process, NameWidth)} ({row.Pid}) {row.Thread} ({row.Tid})");
        }
        if (summary.Metrics.Count > 0)
        {
            Heading(text, "metrics: mean, least, most, 95 %");
            foreach (var row in summary.Metrics) Line(text, $"  {Plain(row.Mean),9}  {Plain(row.Min),9}  {Plain(row.Max),9}  {Plain(row.P95),9}  {GpuWords.Of(row)} {row.Name}{(row.Unit is "" ? "" : $" [{row.Unit}]")}");
        }
        if (summary.Counters.Count > 0)
        {
            Heading(text, "counters: before, during, after, neighbours");
            foreach (var row in summary.Counters) Line(text, $"  {Value(row.Before),14}  {Value(row.During),14}  {Value(row.After),14}  {Value(row.Peers),14}  {(row.Gpu is { } gpu ? $"GPU {gpu} " : "")}{row.Metric}");
        }
        return text.ToString();
    }

    /// <summary>A comparison: its sentences, then its differences.</summary>
    /// <param name="beforeName">Heading of the first of the two.</param>
    /// <param name="afterName">Heading of the second.</param>
    public static string Of(SummaryComparison comparison, string beforeName = "before", string afterName = "after")
    {
        ArgumentNullException.ThrowIfNull(comparison);
        var text = new StringBuilder();
        foreach (var words in comparison.Words) Line(text, words);
        if (comparison.Differences.Count == 0) return text.ToString();
        Heading(text, $"{Cut(beforeName, 20),20}  {Cut(afterName, 20),20}  {"effect",6}  what");
        foreach (var row in comparison.Differences)
            Line(text, $"{Short(row, row.Before),20}  {Short(row, row.After),20}  {row.Effect.ToString("0.00", CultureInfo.InvariantCulture),6}  {row.Section}: {Cut(row.Name, NameWidth)} {row.Measure}");
        return text.ToString();
    }

    private static void Gpu(StringBuilder text, GpuActivity gpu)
    {
        Heading(text, $"{GpuWords.Of(gpu)}{(gpu.Name is "" ? "" : $" ({gpu.Name})")}: {(gpu.BusyRatio is { } busy ? Percent(busy) + " busy, " : "")}{Count(gpu.Kernels)} kernels of {Seconds(gpu.KernelSeconds)}, copies of {Seconds(gpu.CopySeconds)}");
        Line(text, $"  idle: {Seconds(gpu.IdleBeforeSeconds)} before the first work, {Seconds(gpu.Gaps.TotalSeconds)} in {Count(gpu.Gaps.Count)} gaps, {Seconds(gpu.IdleAfterSeconds)} after the last"
            + (gpu.Gaps.LongestAtSeconds is { } at ? $"; the longest gap {Seconds(gpu.Gaps.LongestSeconds)} at {Seconds(at)}" : ""));
        foreach (var length in gpu.Gaps.Lengths.Where(static length => length.Count > 0))
            Line(text, $"  {Count(length.Count),9} gaps {(length.BelowSeconds is { } below ? "below " + Seconds(below) : "longer"),-14} {Seconds(length.TotalSeconds),8}");
    }

    private static void Table(StringBuilder text, string name, SummaryTable? table)
    {
        if (table is null) return;
        Heading(text, $"{name}: {Count(table.Count)} of {Count(table.Names)} names, {Seconds(table.TotalSeconds)}");
        Rows(text, table.Rows);
    }

    private static void Rows(StringBuilder text, IReadOnlyList<SummaryRow> rows)
    {
        foreach (var row in rows.Take(RowsShown))
        {
            // Where the short name does not tell rows apart, what it was made of does.
            var name = row.FullName is not "" && rows.Count(other => other.Name == row.Name) > 1 ? Cut(row.FullName, FullNameWidth) : Cut(row.Name, NameWidth);
            Line(text, $"  {Percent(row.ShareRatio),7}  {Seconds(row.TotalSeconds),8}  {Count(row.Count),9}  {Seconds(row.MinSeconds),8}  {Seconds(row.MeanSeconds),8}  {Seconds(row.MaxSeconds),8}  {name}");
        }
    }

    private static void Heading(StringBuilder text, string words)
    {
        text.Append('\n');
        Line(text, words);
    }

    /// <summary>Names come from programs: what would steer a terminal is not passed on.</summary>
    private static void Line(StringBuilder text, string line)
    {
        foreach (var character in line.TrimEnd()) text.Append(char.IsControl(character) ? ' ' : character);
        text.Append('\n');
    }

    private static string Short(SummaryDifference row, double? value) => value is null ? "-" : row.Said(value);

    private static string Value(double? value) => value is { } number ? Plain(number) : "-";

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..(length - 1)] + "…";

    private static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
