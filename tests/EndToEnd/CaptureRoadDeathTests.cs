using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>
/// Agents and collector die by SIGKILL at random moments of captures, from the order to the upload; at the end each capture has ended
/// once, those that are done are whole, and nothing runs or lies about. <c>scripts/test-capture-death.sh --rounds N</c> sets the number of deaths.
/// </summary>
[Collection(nameof(SuddenDeathTests))]
public sealed class CaptureRoadDeathTests(ITestOutputHelper output)
{
    private const int DeathsPerCollectorDeath = 4;
    private const string Settings = "capture: { counters_after: 200ms, counters_before: 5s, free_space_floor_bytes: 0, queue_length: 100, maximum_duration: 5s }";
    private static readonly TimeSpan LongestLife = TimeSpan.FromSeconds(4);
    private static readonly string[] Ends = ["done", "failed", "refused", "cancelled", "aborted"];

    private readonly int rounds = int.TryParse(Environment.GetEnvironmentVariable("CAPTURE_DEATH_ROUNDS"), CultureInfo.InvariantCulture, out var given) ? given : 8;

    [Fact]
    public async Task Each_capture_ends_once_and_what_is_done_is_whole()
    {
        var random = new Random(20261129);
        await using var cluster = new CaptureCluster(nodes: 2, gpus: 2, Settings);
        await cluster.StartAsync();
        HashSet<string> ordered = [];
        for (var round = 0; round < rounds; round++)
        {
            await OrderAsync(cluster, $"node-{1 + (round % 2)}", ordered);
            await Task.Delay(LongestLife * random.NextDouble(), TimeProvider.System);
            if (round % DeathsPerCollectorDeath == DeathsPerCollectorDeath - 1)
            {
                await cluster.Collector.KillAsync();
                await cluster.Collector.StartAsync();
            }
            else
            {
                var agent = cluster.Agents[random.Next(cluster.Agents.Count)];
                (await agent.KillAsync()).Should().NotContain("damaged").And.NotContain("fault of the agent");
                await agent.StartAsync();
            }
        }

        IReadOnlyList<JsonElement> known = [];
        await CaptureCluster.UntilAsync("each capture has ended at the collector", async () =>
        {
            known = await cluster.CapturesAsync();
            return ordered.IsSubsetOf(known.Select(Id)) && known.All(static capture => Ends.Contains(capture.GetProperty("stage").GetString()));
        });
        known.Select(Id).Should().OnlyHaveUniqueItems();
        foreach (var id in known.Where(static capture => capture.GetProperty("stage").GetString() == "done").Select(Id)) await ShouldBeWholeAsync(cluster, id);
        await CaptureCluster.UntilAsync("nothing lies about on the nodes", () => Task.FromResult(cluster.Agents.All(static agent =>
            !Directory.Exists(Path.Combine(agent.StateDirectory, "captures")) || Directory.GetDirectories(Path.Combine(agent.StateDirectory, "captures")).Length == 0)));
        await CaptureCluster.UntilAsync("each end is one event", async () =>
        {
            var ends = (await cluster.Collector.ReadEventsAsync()).Where(static record => record.Kind == "capture" && Ends.Contains(record.Evidence.Details!["stage"])).Select(static record => record.Evidence.Details!["capture"]).ToList();
            return ends.Count == ends.Distinct().Count() && ordered.IsSubsetOf(ends);
        });
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{rounds} deaths, {ordered.Count} captures: {string.Join(", ", known.GroupBy(static capture => capture.GetProperty("stage").GetString()).Select(static stage => $"{stage.Count()} {stage.Key}"))}"));
        known.Should().Contain(static capture => capture.GetProperty("stage").GetString() == "done");
    }

    private static string Id(JsonElement capture) => capture.GetProperty("id").GetString()!;

    private static async Task OrderAsync(CaptureCluster cluster, string node, HashSet<string> ordered) =>
        await CaptureCluster.UntilAsync($"a capture of {node} is ordered", async () =>
        {
            var answer = await cluster.PostAsync("/api/v1/captures", new { node, gpus = new[] { 0 }, duration_seconds = 0.5, by = "test", force = true });
            if (!answer.TryGetProperty("captures", out var captures)) return false;
            var one = captures[0];
            if (one.TryGetProperty("refusal", out _)) return false;
            return ordered.Add(Id(one));
        });

    private static async Task ShouldBeWholeAsync(CaptureCluster cluster, string id)
    {
        var manifest = (await cluster.GetAsync($"/api/v1/captures/{id}")).GetProperty("manifest").Deserialize(CaptureJson.Default.CaptureManifest)!;
        manifest.Files.Should().NotBeEmpty();
        foreach (var file in manifest.Files) Convert.ToHexStringLower(SHA256.HashData(await cluster.BytesAsync($"/api/v1/captures/{id}/files/{file.Name}"))).Should().Be(file.Sha256, file.Name);
    }
}
