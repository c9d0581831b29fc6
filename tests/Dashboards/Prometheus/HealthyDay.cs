using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Monitoring.Simulator.Demo;

namespace Monitoring.Tests.Dashboards.Prometheus;

/// <summary>
/// A day of a sound node, a value a minute, made of pages of a real agent and collector at full load: two training jobs at the power cap that
/// save their state every hour, with idle hours before, between and after; a program that faults, single corrected errors, and a packet sent
/// again, as sound machines have them. What the pages hold and this does not vary stays as it was read.
/// </summary>
internal sealed partial class HealthyDay
{
    internal const int Minutes = 24 * 60;

    /// <summary>The jobs in minutes of the day.</summary>
    private static readonly (int From, int To)[] s_jobs = [(90, 600), (640, 1300)];

    private const int MinutesBetweenSaves = 60;
    private const int MinutesOfSave = 3;
    private const double SecondsPerMinute = 60;
    private const double IdleWatts = 70;
    private const double IdleCelsius = 38;
    private const double IdleHertz = 345e6;
    private const double IdleBytes = 0.6e9;

    /// <summary>What an agent does in a second at most; a counter of it may grow so.</summary>
    private const double CollectorSamplesPerSecond = 10;

    private readonly StringBuilder series = new();

    internal int Count { get; private set; }

    /// <summary>The series of a page.</summary>
    /// <param name="page">In the text format.</param>
    /// <param name="job">Of Prometheus.</param>
    internal HealthyDay Add(string page, string job)
    {
        var counters = CounterLine().Matches(page).Select(static match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        foreach (var sample in MetricsPage.Read(page)) Add(sample, job, counters.Contains(sample.Name));
        return this;
    }

    /// <summary>A series with a value that follows from the minute alone; NaN is a minute without it.</summary>
    internal HealthyDay Add(string name, IReadOnlyDictionary<string, string> labels, Func<int, double> valueAt)
    {
        var text = string.Join(',', labels.Select(static label => $"{label.Key}=\"{label.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""));
        series.Append(CultureInfo.InvariantCulture, $"      - series: '{(name + "{" + text + "}").Replace("'", "''", StringComparison.Ordinal)}'\n        values: '");
        Values(valueAt);
        series.Append("'\n");
        Count++;
        return this;
    }

    /// <summary>A file for <c>promtool test rules</c> in which none of the alerts fires at any evaluation of the day.</summary>
    internal string TestFile(IEnumerable<string> ruleFiles, IEnumerable<string> groups, TimeSpan interval, IEnumerable<string> alerts)
    {
        var text = new StringBuilder("rule_files:\n");
        foreach (var file in ruleFiles) text.Append("  - ").Append(file).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"evaluation_interval: {interval.TotalMinutes:0}m\ngroup_eval_order: [{string.Join(", ", groups)}]\ntests:\n  - interval: 1m\n    input_series:\n{series}    promql_expr_test:\n");
        text.Append(CultureInfo.InvariantCulture, $"      - expr: 'sum by (alertname, node, gpu) (count_over_time(ALERTS{{alertstate=\"firing\",alertname=~\"{string.Join('|', alerts)}\"}}[1d]))'\n        eval_time: {Minutes - 1}m\n        exp_samples: []\n");
        return text.ToString();
    }

    /// <summary>1 at work, 0.1 while the state is saved, 0 idle.</summary>
    private static double LoadAt(int minute) =>
        !s_jobs.Any(job => minute >= job.From && minute < job.To) ? 0
        : minute % MinutesBetweenSaves < MinutesOfSave ? 0.1 : 1;

    /// <summary>Whether a job has the GPUs.</summary>
    internal static bool IsHeldAt(int minute) => s_jobs.Any(job => minute >= job.From && minute < job.To);

    /// <summary>A slow wave, another one for each GPU, between -1 and 1.</summary>
    private static double WaveAt(int minute, string gpu) => Math.Sin(minute / 37.0 + gpu.Sum(static letter => letter));

    private void Add(MetricSample sample, string job, bool isCounter)
    {
        var labels = new Dictionary<string, string>(sample.Labels) { ["job"] = job };
        var gpu = sample.Labels.GetValueOrDefault("gpu", "");
        Add(sample.Name, labels, isCounter ? CounterAt(sample) : minute => GaugeAt(sample, minute, gpu));
    }

    private static double GaugeAt(MetricSample sample, int minute, string gpu)
    {
        var (seen, load, wave) = (sample.Value, LoadAt(minute), WaveAt(minute, gpu));
        double Between(double idle, double amplitude) => idle + (seen - idle) * load + amplitude * wave;
        return sample.Name switch
        {
            "gpu_agent_last_collection_timestamp_seconds" or "gpu_collector_node_last_push_timestamp_seconds" => minute * SecondsPerMinute,
            "gpu_sink_last_success_timestamp_seconds" when sample.Labels["sink"] is not "events" => minute * SecondsPerMinute,
            "gpu_utilization_ratio" or "gpu_utilization_ratio_max" or "gpu_memory_utilization_ratio" => seen * load,
            "gpu_sm_active_ratio" or "gpu_tensor_active_ratio" or "gpu_dram_active_ratio" or "gpu_graphics_active_ratio" => seen * load,
            "gpu_power_watts" or "gpu_power_instant_watts" => Between(IdleWatts, 2),
            "gpu_temperature_celsius" => Math.Round(Between(IdleCelsius, 2)),
            "gpu_thermal_margin_celsius" => Math.Round(Between(seen + 20, 2)),
            "gpu_clock_hertz" when sample.Labels["domain"] is "sm" or "graphics" => Between(IdleHertz, 15e6),
            "gpu_memory_used_bytes" => IsHeldAt(minute) ? seen : IdleBytes,
            "gpu_processes" => IsHeldAt(minute) ? 1 : 0,
            "gpu_throttle_active" when sample.Labels["reason"] is "sw_power_cap" => load >= 1 ? 1 : 0,
            "gpu_pcie_link_generation" => load > 0 ? seen : 1,
            "gpu_collector_node_clock_skew_seconds" => 0.02 * wave,
            // What was on its way at the moment of the page has arrived a minute later.
            "gpu_sink_queue_length" => 0,
            _ => seen,
        };
    }

    /// <summary>A counter of work grows with the load; those of faults grow as on a sound machine.</summary>
    private static Func<int, double> CounterAt(MetricSample sample) => sample.Name switch
    {
        "gpu_throttle_seconds_total" when sample.Labels["reason"] is "sw_power_cap" => Summed(static minute => LoadAt(minute) * 0.98 * SecondsPerMinute),
        // The driver trims the clocks near its target all the time: a hundredth of it.
        "gpu_throttle_seconds_total" when sample.Labels["reason"] is "sw_thermal" => Summed(static minute => LoadAt(minute) * 0.01 * SecondsPerMinute),
        "gpu_energy_joules_total" => Summed(static minute => (IdleWatts + 380 * LoadAt(minute)) * SecondsPerMinute),
        "gpu_nvlink_transmit_bytes_total" or "gpu_nvlink_receive_bytes_total" => Summed(static minute => LoadAt(minute) * 200e9 * SecondsPerMinute),
        "gpu_ecc_errors_total" when sample.Labels is { } labels && labels["type"] is "correctable" => minute => minute / 240,
        "gpu_nvlink_errors_total" when sample.Labels["type"] is "replay" => minute => minute / 300,
        "gpu_pcie_replays_total" => minute => minute / 30,
        "gpu_xid_events_total" when sample.Labels["xid"] is "13" or "31" or "63" => minute => minute / 600,
        "gpu_infiniband_symbol_errors_total" => static minute => minute,
        "gpu_agent_cpu_seconds_total" => minute => sample.Value + minute,
        "gpu_agent_samples_total" => minute => sample.Value + minute * SecondsPerMinute * CollectorSamplesPerSecond,
        "gpu_agent_samples_missed_total" => minute => sample.Value + minute / 10,
        _ => _ => sample.Value,
    };

    private static Func<int, double> Summed(Func<int, double> perMinute)
    {
        var sums = new double[Minutes + 1];
        for (var minute = 1; minute <= Minutes; minute++) sums[minute] = sums[minute - 1] + perMinute(minute);
        return minute => sums[minute];
    }

    /// <summary>Equal values in a row as one word.</summary>
    private void Values(Func<int, double> valueAt)
    {
        for (var minute = 0; minute <= Minutes;)
        {
            var value = valueAt(minute);
            var more = 0;
            while (minute + more + 1 <= Minutes && valueAt(minute + more + 1).Equals(value)) more++;
            if (minute > 0) series.Append(' ');
            // Of a value "x" counts those that follow, of a gap all.
            series.Append(CultureInfo.InvariantCulture, $"{(double.IsNaN(value) ? $"_x{more + 1}" : $"{Text(value)}x{more}")}");
            minute += more + 1;
        }
    }

    // promtool knows no exponent with a plus sign before an x, so numbers are written out.
    private static string Text(double value) => double.IsInfinity(value) ? "1" : value.ToString("0.######", CultureInfo.InvariantCulture);

    [GeneratedRegex("^# TYPE (?<name>[a-z0-9_]+) counter$", RegexOptions.Multiline)]
    private static partial Regex CounterLine();
}
