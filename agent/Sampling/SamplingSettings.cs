using Monitoring.Settings;

namespace Monitoring.Agent.Sampling;

/// <summary>How often GPUs are read.</summary>
[SettingsSection("How often GPUs are read.")]
public sealed class SamplingSettings : ICheckSettings
{
    [Setting("How often power, utilisation, clocks, temperature, throttle reasons and memory are read.", Minimum = "20ms", Maximum = "10s")]
    public TimeSpan FastInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    [Setting("How often hardware counters, energy, throttle time, engines and processes are read.", Minimum = "200ms", Maximum = "1m")]
    public TimeSpan MediumInterval { get; set; } = TimeSpan.FromSeconds(1);

    [Setting("How often memory errors, repairs, links, limits and modes are read.", Minimum = "1s", Maximum = "10m")]
    public TimeSpan SlowInterval { get; set; } = TimeSpan.FromSeconds(10);

    [Setting("A driver call that lasts longer is shown as stuck.", Minimum = "100ms", Maximum = "5m")]
    public TimeSpan CallDeadline { get; set; } = TimeSpan.FromSeconds(2);

    [Setting("How much of the fast readings the flight recorder keeps.", Minimum = "10s", Maximum = "1h")]
    public TimeSpan FlightRecorder { get; set; } = TimeSpan.FromMinutes(5);

    [Setting("Also export NVLink bytes of each link (two series per link and GPU).")]
    public bool PerLinkBytes { get; set; }

    [Setting("Export NVLink errors of each link instead of their sums over the links (72 series instead of 4 on a GPU with 18 links); rules see each link in any case.")]
    public bool PerLinkErrors { get; set; }

    [Setting("Also export the device memory of each process (one series per process).")]
    public bool PerProcessMemory { get; set; }

    /// <summary>The interval of a tier.</summary>
    internal TimeSpan Interval(Tier tier) => tier switch
    {
        Tier.Fast => FastInterval,
        Tier.Medium => MediumInterval,
        _ => SlowInterval,
    };

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Expected)> Check()
    {
        if (MediumInterval < FastInterval) yield return ("medium_interval", "at least sampling.fast_interval");
        if (SlowInterval < MediumInterval) yield return ("slow_interval", "at least sampling.medium_interval");
        if (FlightRecorder / FastInterval > 100_000) yield return ("flight_recorder", "at most 100000 fast intervals");
    }
}
