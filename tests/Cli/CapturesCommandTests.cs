using System.Formats.Tar;
using FluentAssertions;
using Monitoring.Cli;
using Monitoring.Contracts.Captures;
using Monitoring.Tests.Collector.Captures;
using Xunit;

namespace Monitoring.Tests.Cli;

public sealed class CapturesCommandTests : IDisposable
{
    private const string Summary = """[{"profiler":"counters","triage":[{"rule":"power","words":"GPU 0 drew half of what its peers drew."}],"counters":[{"gpu":0,"metric":"gpu_power_watts","during":300}]}]""";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("gpuctl-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_capture_is_listed_shown_and_compared_in_sentences_each_of_which_is_said_once()
    {
        await using var running = await CaptureCollector.StartAsync();
        await running.Sender.UploadAsync(new SomeCapture(1, 10).With(CaptureManifest.SummaryFileName, Summary.Replace("300", "600", StringComparison.Ordinal)));
        await running.Sender.UploadAsync(new SomeCapture(2, 10).With(CaptureManifest.SummaryFileName, Summary));

        (await RunAsync(running, "captures", "list", "--node", "node-1", "--limit", "1")).Output.Split('\n')[1].Should().StartWith(SomeCapture.IdOf(2) + "  2026-01-01T00:02:00Z  node-1 ").And.EndWith("recorded 5 s");
        (await RunAsync(running, "captures", "show", SomeCapture.IdOf(2))).Output.Should()
            .Contain("\nstage       done\n").And.Contain("\nasked by    rule gpu_power_drop\n").And.Contain("\nprofiler    nsys_system: done\n").And.Contain("\nsays        GPU 0 drew half of what its peers drew.\n");
        (await RunAsync(running, "captures", "compare", SomeCapture.IdOf(1), SomeCapture.IdOf(2))).Should().Be((ExitCodes.Done, "gpu_power_watts of GPU 0 was 300, 600 before.\n", ""));
        (await RunAsync(running, "captures", "compare", SomeCapture.IdOf(1), SomeCapture.IdOf(9))).Code.Should().Be(ExitCodes.Unknown);
    }

    [Fact]
    public async Task Files_are_downloaded_whole_or_not_at_all()
    {
        await using var running = await CaptureCollector.StartAsync();
        var capture = new SomeCapture(1, 100_000);
        await running.Sender.UploadAsync(capture);

        (await RunAsync(running, "captures", "download", capture.Id, "--file", "report-0.bin")).Code.Should().Be(ExitCodes.Done);
        (await File.ReadAllBytesAsync(Path.Combine(folder.FullName, "report-0.bin"))).Should().Equal(capture.Files["report-0.bin"]);
        (await RunAsync(running, "captures", "download", capture.Id)).Code.Should().Be(ExitCodes.Done);
        using (var tar = new TarReader(File.OpenRead(Path.Combine(folder.FullName, $"capture-{capture.Id}.tar")))) tar.GetNextEntry()!.Name.Should().Be($"capture-{capture.Id}/manifest.json");

        (await RunAsync(running, "captures", "download", capture.Id, "--file", "other")).Should().Match<(int Code, string Output, string Error)>(static run => run.Code == ExitCodes.Unknown && run.Error.Contains("it has manifest.json, report-0.bin"));
        (await RunAsync(running, "captures", "download", capture.Id, "--output", Path.Combine(folder.FullName, "none", "x"))).Code.Should().Be(ExitCodes.Refused);
        folder.GetFiles().Should().HaveCount(2, "nothing is left of what did not come");
    }

    [Fact]
    public async Task A_pin_holds_until_it_is_taken_off()
    {
        await using var running = await CaptureCollector.StartAsync();
        await running.Sender.UploadAsync(new SomeCapture(1, 10));
        var id = SomeCapture.IdOf(1);

        (await RunAsync(running, "captures", "pin", id)).Output.Should().Be($"{id}: pinned\n");
        (await RunAsync(running, "captures", "show", id)).Output.Should().Contain("\npinned      yes\n");
        (await RunAsync(running, "captures", "delete", id)).Should().Be((ExitCodes.Refused, "", $"gpuctl: capture {id} is pinned: unpin it first\n"));
        (await RunAsync(running, "captures", "unpin", id)).Output.Should().Be($"{id}: unpinned\n");
        (await RunAsync(running, "captures", "delete", id)).Output.Should().Be($"{id}: deleted\n");
        (await RunAsync(running, "captures", "show", id)).Code.Should().Be(ExitCodes.Unknown);
        (await RunAsync(running, "audit", "--capture", id, "--of", "tester")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().HaveCount(3);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\u001b[2Jb", "a [2Jb")]
    [InlineData("a\u009b2Jb", "a 2Jb")]
    [InlineData("\u00e9\u4e2d", "\u00e9\u4e2d")]
    public void What_could_move_the_cursor_is_left_out(string text, string shown) => Words.Plain(text).Should().Be(shown);

    private async Task<(int Code, string Output, string Error)> RunAsync(CaptureCollector running, params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var world = new Surroundings { Out = output, Error = error, Variable = static _ => null, User = "tester", Directory = folder.FullName };
        return (await CommandLine.RunAsync([.. args, "--collector", running.Collector.Address.ToString()], world), output.ToString(), error.ToString());
    }
}
