namespace Monitoring.Tests.EndToEnd;

/// <summary>
/// Series of a node that is not there, for alerts whose cause costs too much: a full disk, an agent that is slow
/// or at fault, a collector that cannot write.
/// </summary>
internal static class ScriptedPage
{
    /// <summary>The cluster of all its series, by which an alert tells that it comes from here.</summary>
    internal const string Cluster = "scripted";

    /// <summary>The alerts that this page is the cause of.</summary>
    internal static readonly string[] Alerts =
    [
        "GpuAgentDetectionLate", "GpuAgentFault", "GpuAgentHeavy", "GpuCapturesFailing", "GpuCollectorStoreFailing", "GpuSinkDeadLetters", "GpuSinkDroppingEvents",
    ];

    /// <summary>While all is well.</summary>
    internal static readonly string Before = Page(count: 0, memory: 1e8);

    /// <summary>After it went wrong.</summary>
    internal static readonly string After = Page(count: 50, memory: 6e8);

    private static string Page(int count, double memory) => FormattableString.Invariant($$"""
        gpu_agent_detection_frames_missed_total{cluster="{{Cluster}}",node="scripted"} {{count}}
        gpu_agent_detection_faults_total{cluster="{{Cluster}}",node="scripted"} {{count}}
        gpu_agent_resident_memory_bytes{cluster="{{Cluster}}",node="scripted"} {{memory}}
        gpu_captures_total{cluster="{{Cluster}}",node="scripted",profiler="nsys",trigger="rule",result="failed"} {{count}}
        gpu_collector_event_store_failures_total{cluster="{{Cluster}}"} {{count}}
        gpu_sink_dead_letters_total{cluster="{{Cluster}}",node="scripted",sink="elasticsearch",stream="events"} {{count}}
        gpu_sink_events_dropped_total{cluster="{{Cluster}}",node="scripted",sink="elasticsearch",stream="events",reason="disk_full"} {{count}}

        """);
}
