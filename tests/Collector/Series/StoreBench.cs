using System.Text;
using Monitoring.Collector.Exposition;
using Monitoring.Collector.Series;
using Monitoring.Tests.Contracts.Otlp;

namespace Monitoring.Tests.Collector.Series;

/// <summary>A store with a clock that stands still, and what a scraper would see of it.</summary>
internal sealed class StoreBench
{
    internal StoreBench(Action<SeriesSettings>? configure = null)
    {
        configure?.Invoke(Settings);
        Store = new SeriesStore(Settings, Clock);
    }

    internal SeriesSettings Settings { get; } = new();

    internal ManualTimeProvider Clock { get; } = new();

    internal SeriesStore Store { get; }

    /// <summary>A payload whose points carry the clock's time.</summary>
    internal OtlpPayload Payload(params (string Key, object Value)[] resource) => new OtlpPayload { TimeUnixNano = UnixNano(Clock.GetUtcNow()) }.Resource(resource).Scope();

    internal PushOutcome Push(OtlpPayload payload) => Store.Push(payload.ToArray(), maxPoints: 100_000);

    /// <summary>The samples of a node's page, without heads; empty where the page would not be served.</summary>
    internal string[] Samples(string node) => [.. Page(node).Split('\n').Where(static line => line.Length > 0 && line[0] != '#')];

    internal string Page(string node, PageFormat format = PageFormat.Text)
    {
        var now = Clock.GetTimestamp();
        if (!Store.Nodes.TryGet(node, out var found) || !found.IsFresh(now)) return "";
        using var page = new PageBuffer();
        if (!NodePage.TryWrite(found, now, format, page)) throw new InvalidOperationException("The page could not be read.");
        return Encoding.UTF8.GetString(page.Written.Span);
    }

    internal static ulong UnixNano(DateTimeOffset time) => (ulong)(time - DateTimeOffset.UnixEpoch).Ticks * 100;
}
