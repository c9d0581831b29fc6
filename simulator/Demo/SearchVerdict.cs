using System.Globalization;
using System.Text.Json;

namespace Monitoring.Simulator.Demo;

/// <summary>Runs searches, says what they find, and which of them find nothing.</summary>
internal sealed class SearchVerdict(HttpClient http, Action<string> say, TimeProvider time)
{
    /// <summary>A document is found this long after its happening: the collector's batch, and the server's refresh of each second.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    private static readonly string[] Lists = ["events", "captures", "logs"];

    /// <summary>Runs each search until it finds something or time is over; a sentence for each that found nothing.</summary>
    public async Task<IReadOnlyList<string>> MissingAsync(IReadOnlyList<DemoSearch> searches, CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        var start = time.GetTimestamp();
        foreach (var search in searches)
        {
            var (found, words) = await FindAsync(search, cancellationToken);
            while (found == 0 && time.GetElapsedTime(start) < Patience)
            {
                await Task.Delay(Poll, time, cancellationToken);
                (found, words) = await FindAsync(search, cancellationToken);
            }

            say(search.ToString());
            if (found > 0) say(string.Create(CultureInfo.InvariantCulture, $"   finds {found}, such as: {words}"));
            else missing.Add($"a search finds nothing ({words}): {search}");
        }

        return missing;
    }

    /// <summary>How many an answer has, and the words of the first; 0 and why for none.</summary>
    internal static (long Found, string Words) Read(string answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            var root = document.RootElement;
            if (root.TryGetProperty("hits", out var hits) && hits.TryGetProperty("hits", out var rows))
            {
                var total = hits.GetProperty("total");
                return (total.ValueKind == JsonValueKind.Object ? total.GetProperty("value").GetInt64() : total.GetInt64(), rows.GetArrayLength() > 0 ? Words(rows[0].GetProperty("_source")) : "no hit");
            }

            foreach (var name in Lists)
                if (root.TryGetProperty(name, out var list)) return (list.GetArrayLength(), list.GetArrayLength() > 0 ? Words(list[0]) : "none");
            return (0, "no answer to a search");
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return (0, fault.Message);
        }
    }

    private async Task<(long Found, string Words)> FindAsync(DemoSearch search, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(search.Url, cancellationToken);
            var text = await answer.Content.ReadAsStringAsync(cancellationToken);
            return answer.IsSuccessStatusCode ? Read(text) : (0, string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)answer.StatusCode}"));
        }
        catch (Exception fault) when (fault is HttpRequestException || (fault is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (0, fault.Message);
        }
    }

    /// <summary>What a document says for a person.</summary>
    private static string Words(JsonElement document)
    {
        foreach (var name in (ReadOnlySpan<string>)["message", "title", "words"])
            if (document.TryGetProperty(name, out var words) && words.ValueKind == JsonValueKind.String) return words.GetString() ?? "";
        return "";
    }
}
