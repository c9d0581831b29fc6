using Monitoring.Settings;

namespace Monitoring.Agent.Shipping;

/// <summary>Where metrics are pushed.</summary>
[SettingsSection("Where metrics are pushed.")]
public sealed class CollectorSettings : ICheckSettings
{
    [Setting("Address of the collector, or of any OTLP/HTTP receiver, such as http://collector:9461; empty pushes nothing.")]
    public Uri? Endpoint { get; set; }

    [Setting("How often metrics are pushed.", Minimum = "1s", Maximum = "10m")]
    public TimeSpan PushInterval { get; set; } = TimeSpan.FromSeconds(10);

    [Setting("How long a push may take; never longer than the push interval.", Minimum = "100ms", Maximum = "1m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    [Setting("Bytes of captures that are uploaded in a second at most, so that the job's own network has the rest.", Minimum = "65536", Maximum = "10000000000")]
    public long UploadBytesPerSecond { get; set; } = 20_000_000;

    /// <summary>The time that a push gets.</summary>
    internal TimeSpan PushTimeout => Timeout < PushInterval ? Timeout : PushInterval;

    /// <inheritdoc/>
    public IEnumerable<(string Key, string Expected)> Check()
    {
        if (Endpoint is { } endpoint && (!endpoint.IsAbsoluteUri || endpoint.Scheme is not ("http" or "https")))
            yield return ("endpoint", "a URL with http or https, such as http://collector:9461");
    }
}
