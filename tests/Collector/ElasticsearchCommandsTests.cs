using FluentAssertions;
using Monitoring.Tests.Elasticsearch.Servers;
using Xunit;

namespace Monitoring.Tests.Collector;

public sealed class ElasticsearchCommandsTests : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "gpu-collector");

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("elasticsearch-commands-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("elasticsearch", "8.0")]
    [InlineData("opensearch", "2.19")]
    [InlineData("opensearch", "1.3")]
    public async Task Templates_are_printed_for_those_who_install_them_by_hand(string flavor, string version)
    {
        var (code, output) = await RunAsync("templates", "--flavor", flavor, "--server-version", version);

        code.Should().Be(0);
        GoldenFile.Check($"Collector/Search/templates-{flavor}-{version}.txt", output);
    }

    [Fact]
    public async Task A_hash_is_printed_for_who_searches_by_it()
    {
        var key = Path.Combine(folder.FullName, "key");
        await File.WriteAllTextAsync(key, "a key of more than sixteen bytes");

        var (code, output) = await RunAsync("hash", "anna", "--set", $"elasticsearch.privacy.key_file={key}");

        code.Should().Be(0);
        output.Should().MatchRegex("^hmac-[0-9a-f]{32}\n$");
        (await RunAsync("hash", "anna")).Should().Be((1, "elasticsearch.privacy.key_file is empty: nothing is hashed without a key.\n"));
    }

    [Fact]
    public async Task A_check_says_what_is_missing_and_changes_nothing()
    {
        await using var server = await SearchServer.FakeAsync(ServerFlavour.Elasticsearch8);

        var (code, output) = await RunAsync("check", "--set", $"elasticsearch.connection.urls={server.Address}", "--set", $"state_directory={folder.FullName}");

        code.Should().Be(0, output);
        output.Should().Contain("Elasticsearch 8.17.0").And.Contain("_index_template/logs-gpu.event-default: missing").And.Contain("put in place when the collector runs");
        server.Front.Seen.Should().OnlyContain(static request => request.Method == "GET");
    }

    [Fact]
    public async Task A_check_of_nothing_and_of_a_server_that_is_away_ends_with_1_and_words()
    {
        (await RunAsync("check")).Output.Should().Contain("elasticsearch.connection.urls is empty");

        var (code, output) = await RunAsync("check", "--set", "elasticsearch.connection.urls=http://127.0.0.1:1", "--set", $"state_directory={folder.FullName}");

        code.Should().Be(1);
        output.Should().Contain("http://127.0.0.1:1");
    }

    [Fact]
    public async Task A_replay_without_dead_letters_is_done_at_once()
    {
        var (code, output) = await RunAsync("replay", "--set", "elasticsearch.connection.urls=http://127.0.0.1:1", "--set", $"state_directory={folder.FullName}");

        code.Should().Be(0);
        output.Should().Be("0 stored, 0 had been stored, 0 refused again, 0 unreadable, 0 left\n");
    }

    private static Task<(int ExitCode, string Output)> RunAsync(params string[] arguments) => ChildProcess.RunAsync(Program, ["elasticsearch", .. arguments]);
}
