using System.Globalization;
using Monitoring.Contracts.Events;

namespace Monitoring.Simulator.Demo;

/// <summary>A search that a person could type.</summary>
/// <param name="Sought">What it looks for.</param>
/// <param name="Url">Where it is asked.</param>
internal sealed record DemoSearch(string Sought, Uri Url)
{
    /// <summary>What is sought, and the command that finds it.</summary>
    public override string ToString() => $"{Sought}: curl -s '{Url.AbsoluteUri}'";
}

/// <summary>Searches for what a demo left behind: in Elasticsearch where it was given one, else in the collector's own stores, with the same questions.</summary>
/// <param name="collectorAddress">Host and port of the collector.</param>
/// <param name="elasticsearch">The server; null for none.</param>
/// <param name="since">When this demo began: a server may hold others.</param>
internal sealed class DemoSearches(string collectorAddress, Uri? elasticsearch, DateTimeOffset since)
{
    /// <summary>Searches to look around with.</summary>
    public IReadOnlyList<DemoSearch> General => [Event("XIDs", EventKinds.Xid, null, null, null), Capture(), Lines()];

    /// <summary>Searches that must find something after what was played.</summary>
    /// <param name="played">The incidents that were played.</param>
    /// <param name="ended">Captures that came to an end, with how.</param>
    public IReadOnlyList<DemoSearch> Of(IReadOnlyList<PlayedIncident> played, IReadOnlyDictionary<string, string> ended)
    {
        var searches = new List<DemoSearch>();
        if (played.FirstOrDefault(static incident => incident.Event is not null) is { Event: { } found } incident)
            searches.Add(Event($"the event of {incident.Victim}", found.Kind, found.Code, found.Rule, found.Node));
        if (ended.Values.Contains("done")) searches.Add(Capture());
        searches.Add(Lines());
        return searches;
    }

    private DemoSearch Event(string sought, string kind, int? code, string? rule, string? node)
    {
        if (elasticsearch is null)
        {
            return new DemoSearch(sought, Own("events", [("kind", kind), ("code", code?.ToString(CultureInfo.InvariantCulture)), ("rule", rule), ("node", node)]));
        }

        return new DemoSearch(sought, Searched("event", [$"gpu.kind:{kind}", code is null ? null : string.Create(CultureInfo.InvariantCulture, $"event.code:{code}"), rule is null ? null : $"rule.id:{rule}", node is null ? null : $"host.name:{node}"]));
    }

    private DemoSearch Capture() => new("captures", elasticsearch is null ? Own("captures", [("stage", "done")]) : Searched("capture", ["gpu.capture.result:done"]));

    private DemoSearch Lines() => new($"log lines of {DemoOptions.NodeName(1)}", elasticsearch is null
        ? Own("logs", [("node", DemoOptions.NodeName(1))]) : Searched("agent", [$"host.name:{DemoOptions.NodeName(1)}", "service.name:gpu-agent"]));

    private Uri Own(string what, IEnumerable<(string Name, string? Value)> filters) => new(
        $"http://{collectorAddress}/api/v1/{what}?{string.Concat(filters.Where(static one => one.Value is not null).Select(static one => $"{one.Name}={one.Value}&"))}since={since.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}&limit=3");

    // Milliseconds since 1970 need no quotes in a query of this kind.
    private Uri Searched(string stream, IEnumerable<string?> terms) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"{elasticsearch!.AbsoluteUri.TrimEnd('/')}/logs-gpu.{stream}-default/_search?ignore_unavailable=true&size=3&q={string.Join("+AND+", terms.OfType<string>())}+AND+@timestamp:%3E={since.ToUnixTimeMilliseconds()}"));
}
