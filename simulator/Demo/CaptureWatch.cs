using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Monitoring.Contracts.Events;

namespace Monitoring.Simulator.Demo;

/// <summary>Looks at the collector for captures that came to an end, and tells each once with the first thing that its summary says.</summary>
internal sealed class CaptureWatch(HttpClient http, string collectorAddress, Action<string> say, TimeProvider time)
{
    /// <summary>From the event that names a capture to its end at the collector: 2 s of recording, as much of counters after it, and the upload.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>How an event says that its capture is taken; the id follows.</summary>
    public const string Accepted = "accepted: ";

    private const string Done = "done";
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);
    private static readonly string[] Ends = [Done, "refused", "failed", "aborted", "cancelled"];

    private readonly Dictionary<string, string> _ended = new(StringComparer.Ordinal);

    /// <summary>Captures that came to an end, by id, with how.</summary>
    public IReadOnlyDictionary<string, string> Ended => _ended;

    /// <summary>Tells until it is stopped.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Poll, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await LookAsync(cancellationToken);
            }
            catch (HttpRequestException)
            {
                // A busy collector is asked again.
            }
        }
    }

    /// <summary>Looks once.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var page = await http.GetFromJsonAsync<JsonElement>(new Uri($"http://{collectorAddress}/api/v1/captures?limit=100"), cancellationToken);
        foreach (var capture in page.GetProperty("captures").EnumerateArray().Reverse())
        {
            var (id, stage) = (Text(capture, "id"), Text(capture, "stage"));
            if (!Ends.Contains(stage) || !_ended.TryAdd(id, stage)) continue;
            say(stage == Done
                ? $"   capture of {Text(capture, "node")} ({Text(capture, "trigger_name")}): {await FindingAsync(id, cancellationToken)}{Environment.NewLine}      http://{collectorAddress}/api/v1/captures/{id}"
                : $"   capture of {Text(capture, "node")} ({Text(capture, "trigger_name")}) {stage}: {Text(capture, "words")}");
        }
    }

    /// <summary>Captures that events named as taken and that are not done at the collector in time, a sentence each.</summary>
    public static IReadOnlyList<string> Missing(IReadOnlyList<EventRecord> events, IReadOnlyDictionary<string, string> ended, DateTimeOffset now) =>
    [
        .. from record in events
           let said = record.Capture ?? ""
           where said.StartsWith(Accepted, StringComparison.Ordinal)
           let id = said[Accepted.Length..]
           let stage = ended.GetValueOrDefault(id)
           where stage is null ? now - record.Time > Patience : stage != Done
           select stage is null
               ? string.Create(CultureInfo.InvariantCulture, $"capture {id} of {record.Node} ({record.Rule}): not done at the collector {Patience.TotalSeconds:0} s after its event")
               : $"capture {id} of {record.Node} ({record.Rule}): {stage}",
    ];

    private async Task<string> FindingAsync(string id, CancellationToken cancellationToken)
    {
        var capture = await http.GetFromJsonAsync<JsonElement>(new Uri($"http://{collectorAddress}/api/v1/captures/{id}"), cancellationToken);
        if (capture.TryGetProperty("summary", out var summaries) && summaries.ValueKind == JsonValueKind.Array)
        {
            foreach (var summary in summaries.EnumerateArray())
                if (summary.TryGetProperty("triage", out var triage) && triage.GetArrayLength() > 0) return Text(triage[0], "words");
        }
        return "no summary";
    }

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
