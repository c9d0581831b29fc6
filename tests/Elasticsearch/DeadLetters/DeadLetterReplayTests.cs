using System.Text;
using System.Text.Json;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.DeadLetters;
using Monitoring.Elasticsearch.Delivery;
using Monitoring.Elasticsearch.Documents;
using Monitoring.Tests.Elasticsearch.Delivery;
using Xunit;
using static Monitoring.Tests.Elasticsearch.Delivery.ScriptedBulk;

namespace Monitoring.Tests.Elasticsearch.DeadLetters;

public sealed class DeadLetterReplayTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("replay-").FullName;
    private readonly ScriptedBulk server = new();
    private readonly ElasticsearchConnectionSettings connection = new() { Urls = [new Uri("http://search:9200")], MaxBatchAge = TimeSpan.FromMilliseconds(10), RetryPause = TimeSpan.FromMilliseconds(10), RetryPauseMax = TimeSpan.FromMilliseconds(100) };

    public void Dispose()
    {
        server.Dispose();
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public async Task Letters_of_all_streams_are_stored_and_their_files_are_gone()
    {
        Keep("event", 1, 500);
        Keep("audit", 1, 3);
        var result = await ReplayAsync();
        result.Should().Be(new ReplayResult(503, 0, 0, 0, 0));
        result.IsClean.Should().BeTrue();
        server.Stored.Should().HaveCount(503);
        server.Stored[("index-event", "id-7")].Should().Be("""{"n":7}""");
        Files().Should().BeEmpty();
        (await ReplayAsync()).Should().Be(new ReplayResult(0, 0, 0, 0, 0));
    }

    [Fact]
    public async Task What_is_refused_again_is_kept_again_with_its_history()
    {
        Keep("event", 1, 10);
        server.Item = static sent => sent.Number == 4 ? Error(400, "mapper_parsing_exception", "still no") : null;
        var result = await ReplayAsync();
        result.Should().Be(new ReplayResult(9, 0, 1, 0, 0));
        using var letter = JsonDocument.Parse(Files().Should().ContainSingle().Which is var path ? File.ReadAllText(path) : "");
        path.Should().EndWith("event.ndjson");
        letter.RootElement.GetProperty("attempts").GetInt32().Should().Be(3);
        letter.RootElement.GetProperty("first_seen").GetDateTimeOffset().Should().Be(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        letter.RootElement.GetProperty("error").GetProperty("reason").GetString().Should().Be("still no");
    }

    [Fact]
    public async Task A_replay_that_cannot_go_on_leaves_everything_for_the_next_one()
    {
        Keep("event", 1, 100);
        var answers = 1;
        connection.MaxBatchDocuments = 30;
        server.Whole = _ => answers-- > 0 ? null : Answer(System.Net.HttpStatusCode.ServiceUnavailable);
        (await ReplayAsync(TimeSpan.FromSeconds(2))).Should().Be(new ReplayResult(30, 0, 0, 0, 70));

        Keep("event", 101, 20); // the collector goes on meanwhile
        server.Whole = static _ => null;
        var result = await ReplayAsync();
        (result.Stored + result.Duplicates).Should().BeInRange(90, 120);
        (result.RefusedAgain, result.Unreadable, result.Left).Should().Be((0, 0, 0));
        server.Stored.Should().HaveCount(120);
        Files().Should().BeEmpty();
    }

    [Fact]
    public async Task A_replay_that_was_killed_anywhere_loses_nothing()
    {
        for (var round = 0; round < 5; round++)
        {
            var folder = Path.Combine(root, "killed" + round);
            Directory.CreateDirectory(folder);
            Keep("event", 1, 50, folder);
            // As far as a dead process came: the files taken over, some of them settled on disk, the file not deleted yet.
            Directory.CreateDirectory(Path.Combine(folder, "replay"));
            File.Move(Path.Combine(folder, "event.ndjson"), Path.Combine(folder, "replay", "event.000003.ndjson"));
            var settled = (3UL << 32) | (uint)((round * 12) + 2);
            File.WriteAllText(Path.Combine(folder, "replay", "event.settled"), $"{settled}\n");
            Keep("event", 51, 5, folder);
            server.Stored.Clear();

            var result = await ReplayAsync(folder: folder);
            result.Stored.Should().Be(55 - (round * 12) - 2);
            Directory.GetFiles(folder, "*.ndjson", SearchOption.AllDirectories).Should().BeEmpty();
        }
    }

    [Fact]
    public async Task What_is_no_letter_is_kept_beside()
    {
        Keep("event", 1, 1);
        File.AppendAllText(Path.Combine(root, "event.ndjson"), "{\"what\":1}\nnonsense\n\n");
        Keep("event", 2, 1);
        (await ReplayAsync()).Should().Be(new ReplayResult(2, 0, 0, 2, 0));
        File.ReadAllText(Path.Combine(root, "replay", "event.unreadable")).Should().Be("{\"what\":1}\nnonsense\n");
        Files().Should().BeEmpty();
    }

    [Fact]
    public async Task A_file_that_a_person_wrote_without_a_last_line_end_is_read_to_its_end()
    {
        Keep("event", 1, 2);
        Directory.CreateDirectory(Path.Combine(root, "replay"));
        var text = File.ReadAllText(Path.Combine(root, "event.ndjson"));
        File.Delete(Path.Combine(root, "event.ndjson"));
        File.WriteAllText(Path.Combine(root, "replay", "event.000001.ndjson"), text.TrimEnd());
        (await ReplayAsync()).Should().Be(new ReplayResult(2, 0, 0, 0, 0));
    }

    [Fact]
    public async Task Only_one_replay_is_under_way()
    {
        Keep("event", 1, 1);
        using (File.Open(Path.Combine(root, "replay.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
            await FluentActions.Awaiting(() => ReplayAsync()).Should().ThrowAsync<IOException>().WithMessage("*replay.lock*");
        (await ReplayAsync()).Stored.Should().Be(1);
    }

    [Fact]
    public async Task Without_any_letters_nothing_is_asked()
    {
        (await ReplayAsync(folder: Path.Combine(root, "none"))).IsClean.Should().BeTrue();
        server.Sizes.Should().BeEmpty();
    }

    private Task<ReplayResult> ReplayAsync(TimeSpan? giveUpAfter = null, string? folder = null) => DeadLetterReplay.RunAsync(
        connection, new DeliveryOptions { DeadLetterDirectory = folder ?? root, Handler = server, RequestsAtOnce = 1 }, giveUpAfter ?? Eventually.Patience, TimeProvider.System, NullLogger<ElasticsearchDelivery>.Instance, CancellationToken.None);

    private void Keep(string stream, int from, int count, string? folder = null) => new DeadLetterFile(folder ?? root, stream, 1 << 20).Keep([.. Enumerable.Range(from, count).Select(number => new DeadLetter(
        new SourceDocument((ulong)number, "index-" + stream, $"id-{number}", Encoding.UTF8.GetBytes($$"""{"n":{{number}}}""")), 400, new ServerError("mapper_parsing_exception", "no"), new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), 2))]);

    private string[] Files() => Directory.GetFiles(root, "*.ndjson", SearchOption.AllDirectories);
}
