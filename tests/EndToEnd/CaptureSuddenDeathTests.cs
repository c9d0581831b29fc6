using System.Net.Http.Json;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>Agents that die by SIGKILL at random moments of captures: each capture that was accepted ends once, and nothing is left over.</summary>
public sealed class CaptureSuddenDeathTests
{
    private const int Rounds = 12;
    private const int Seed = 4711;
    private static readonly TimeSpan LongestLife = TimeSpan.FromMilliseconds(1500);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Nothing_is_lost_or_doubled_or_left_over()
    {
        var random = new Random(Seed);
        await using var agent = new KillableAgent("node-1", gpus: 2, Seed, collector: null, settings: "capture: { counters_after: 300ms, counters_before: 5s, free_space_floor_bytes: 0, queue_length: 100 }");
        using var http = new HttpClient { BaseAddress = agent.Address };
        HashSet<string> accepted = [];
        for (var round = 0; round < Rounds; round++)
        {
            await agent.StartAsync();
            accepted.Add(await AskAsync(http, EventId.Of("death", $"{round}")));
            await Task.Delay(LongestLife * random.NextDouble(), TimeProvider.System, TestContext.Current.CancellationToken);
            await agent.KillAsync();
        }
        await agent.StartAsync();
        await UntilAsync(http, accepted);
        // What was told last reaches the journal's file a moment later.
        await Eventually.HoldsAsync("the journal holds each end", () => accepted.IsSubsetOf(Ends(agent).Keys));
        await agent.KillAsync();

        var ends = Ends(agent);
        accepted.Should().NotBeEmpty();
        ends.Keys.Should().Contain(accepted);
        ends.Values.Should().OnlyContain(static count => count == 1);
        var captures = Path.Combine(agent.StateDirectory, "captures");
        foreach (var directory in Directory.GetDirectories(captures))
        {
            EventId.IsValid(Path.GetFileName(directory)).Should().BeTrue(directory);
            var manifest = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(Path.Combine(directory, CaptureManifest.FileName), TestContext.Current.CancellationToken), CaptureJson.Default.CaptureManifest)!;
            manifest.Files.Should().OnlyContain(file => new FileInfo(Path.Combine(directory, file.Name)).Length == file.SizeBytes);
        }
    }

    /// <summary>How often the journal says that a capture ended, by its id.</summary>
    private static Dictionary<string, int> Ends(KillableAgent agent) =>
        agent.ReadJournal().Where(static record => record.Kind == EventKinds.Capture && record.Evidence.Details![CaptureEventDetails.Stage] is "done" or "failed" or "refused")
            .GroupBy(static record => record.Evidence.Details![CaptureEventDetails.Capture]).ToDictionary(static end => end.Key, static end => end.Count());

    /// <summary>Asks as soon as the agent answers and has a GPU.</summary>
    /// <returns>The id that was accepted.</returns>
    private static async Task<string> AskAsync(HttpClient http, string id)
    {
        await Eventually.HoldsAsync("a capture is accepted", async () =>
        {
            try
            {
                using var answer = await http.PostAsJsonAsync("/api/v1/captures", new { id, gpus = new[] { 0 }, duration = "500ms", who = "test" });
                var said = await answer.Content.ReadFromJsonAsync<JsonElement>();
                if (answer.IsSuccessStatusCode) return true;
                // A capture that was refused since no GPU was read yet is known as such.
                id = EventId.Of(id, "again");
                said.GetProperty("words").GetString().Should().Contain("unknown_gpu");
                return false;
            }
            catch (HttpRequestException)
            {
                return false; // It is not up yet.
            }
        }, Patience);
        return id;
    }

    private static async Task UntilAsync(HttpClient http, HashSet<string> accepted)
    {
        var last = "nothing";
        await Eventually.HoldsAsync(() => $"all of {string.Join(", ", accepted)} are over; the agent said last: {last}", async () =>
        {
            try
            {
                var list = await http.GetFromJsonAsync<JsonElement>("/api/v1/captures");
                last = list.ToString();
                string[] finished = [.. list.GetProperty("finished").EnumerateArray().Select(static one => one.GetProperty("id").GetString()!)];
                return accepted.IsSubsetOf(finished) && list.GetProperty("running").GetArrayLength() == 0 && list.GetProperty("queued").GetArrayLength() == 0;
            }
            catch (HttpRequestException)
            {
                return false; // It is not up yet.
            }
        }, Patience);
    }
}
