using Monitoring.Settings;

namespace Monitoring.Tests.Settings;

/// <summary>A settings class with every shape that the loader knows.</summary>
internal sealed class SampleSettings : ICheckSettings
{
    [Setting("Name of this node.")]
    public string? Node { get; set; }

    [Setting("Port of the metrics page.", Minimum = "1", Maximum = "65535")]
    public int Port { get; set; } = 9460;

    [Setting("Whether events are written.")]
    public bool Events { get; set; } = true;

    [Setting("Part of a core that may be used.", Minimum = "0", Maximum = "1")]
    public double CoreRatio { get; set; } = 0.25;

    [Setting("Room on disk.", Minimum = "1MiB", Maximum = "1TiB")]
    public long SpoolBytes { get; set; } = 64 << 20;

    [Setting("Token of the collector.", Secret = true)]
    public string? Token { get; set; }

    [Setting("Where metrics are sent.")]
    public Uri? Collector { get; set; }

    [Setting("Names of exported metrics.")]
    public SampleNames Names { get; set; } = SampleNames.Own;

    [Setting("GPUs to leave alone.")]
    public IReadOnlyList<string> Exclude { get; set; } = [];

    [Setting("Buckets of the histogram.", Minimum = "1ms", Maximum = "1h")]
    public TimeSpan[] Buckets { get; set; } = [TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1)];

    [Setting("Labels of every series.")]
    public IReadOnlyDictionary<string, string> Labels { get; set; } = new Dictionary<string, string>();

    public SampleSampling Sampling { get; } = new();

    public SampleLog Log { get; } = new();

    [Setting("Where events go.")]
    public IReadOnlyList<SampleSink> Sinks { get; set; } = [];

    public IEnumerable<(string Key, string Expected)> Check()
    {
        if (Events && Sinks.Count > 3)
            yield return ("sinks", "at most 3 sinks");
        if (Token is not null && Collector is null)
            yield return ("collector", "the URL of the collector, since a token is set");
    }
}

internal enum SampleNames
{
    Own,
    DcgmExporter,
}

[SettingsSection("How often GPUs are read.")]
internal sealed class SampleSampling : ICheckSettings
{
    [Setting("Time between two fast readings.", Minimum = "20ms", Maximum = "10s")]
    public TimeSpan FastInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    [Setting("Time between two slow readings.", Minimum = "1s", Maximum = "5m")]
    public TimeSpan SlowInterval { get; set; } = TimeSpan.FromSeconds(10);

    public IEnumerable<(string Key, string Expected)> Check()
    {
        if (SlowInterval < FastInterval)
            yield return ("slow_interval", "at least sampling.fast_interval");
    }
}

internal sealed class SampleLog
{
    [Setting("Port of the log server.", Minimum = "1")]
    public int? Port { get; set; }

    /// <summary>Computed, and therefore no setting.</summary>
    public bool IsRemote => Port is not null;
}

internal sealed class SampleSink
{
    [Setting("Address of the sink.")]
    public Uri? Url { get; set; }

    [Setting("Password of the sink.", Secret = true)]
    public string? Password { get; set; }

    [Setting("How often a batch is tried again.", Minimum = "0", Maximum = "10")]
    public int Retries { get; set; } = 3;
}
