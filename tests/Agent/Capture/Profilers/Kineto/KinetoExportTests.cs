using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Capture.Profilers.Kineto;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Kineto;

public sealed class KinetoExportTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kineto-export-").FullName;
    private readonly KinetoSettings settings = new();
    private readonly KinetoEndpoint endpoint;

    public KinetoExportTests()
    {
        endpoint = new KinetoEndpoint(settings, new KinetoAddresses("", "unused"), TimeProvider.System, NullLogger<KinetoEndpoint>.Instance);
        Directory.CreateDirectory(Scratch);
    }

    private string Scratch => $"{folder}/scratch";

    [Fact]
    public async Task Exporting_moves_the_traces_into_the_bundle_and_summarises_the_largest()
    {
        File.WriteAllText($"{Scratch}/kineto-1.json.gz", "small");
        File.WriteAllText($"{Scratch}/kineto-2.json.gz", "much larger");
        var recorded = new ProfilerOutcome(new ProfilerRun("kineto", true), [], [$"{Scratch}/kineto-1.json.gz", $"{Scratch}/kineto-2.json.gz"]);
        var read = new List<string>();

        var outcome = await Profiler(path =>
        {
            read.Add(path);
            return new ProfilerSummary("kineto");
        }).ExportAsync(Task(), recorded, default);

        outcome.Files.Select(static file => (file.Name, file.Kind, file.MediaType)).Should().BeEquivalentTo([("kineto-1.json.gz", "trace", "application/gzip"), ("kineto-2.json.gz", "trace", "application/gzip")]);
        read.Should().Equal($"{folder}/kineto-2.json.gz");
        outcome.Summary.Should().BeEquivalentTo(new { Report = "kineto-2.json.gz", Pids = new[] { 2L } });
        outcome.Summary!.Notes.Should().Equal("This is the summary of kineto-2.json.gz (process 2), the largest that can be read; the other report was not summarised.");
        outcome.Raw.Should().BeEmpty();
        Directory.GetFiles(Scratch).Should().BeEmpty();
    }

    [Fact]
    public async Task Exporting_goes_on_where_an_earlier_life_of_the_agent_moved_some_of_the_traces()
    {
        File.WriteAllText($"{Scratch}/kineto-1.json.gz", "small");
        File.WriteAllText($"{Scratch}/kineto-2.json.gz", "much larger");
        var recorded = new ProfilerOutcome(new ProfilerRun("kineto", true, Words: "2 of 2"), [], [$"{Scratch}/kineto-1.json.gz", $"{Scratch}/kineto-2.json.gz"]);
        using var stop = new CancellationTokenSource();
        var stopped = async () => await Profiler(_ =>
        {
            stop.Cancel();
            return new ProfilerSummary("kineto");
        }).ExportAsync(Task(), recorded, stop.Token);
        await stopped.Should().ThrowAsync<OperationCanceledException>();
        File.Exists($"{folder}/kineto-2.json.gz").Should().BeTrue();

        var outcome = await Profiler(static _ => new ProfilerSummary("kineto")).ExportAsync(Task(), recorded, default);

        outcome.Run.Should().Be(new ProfilerRun("kineto", true, Words: "2 of 2"));
        outcome.Files.Select(static file => file.Name).Should().BeEquivalentTo("kineto-1.json.gz", "kineto-2.json.gz");
        outcome.Files.Should().OnlyContain(file => File.Exists($"{folder}/{file.Name}"));
        outcome.Summary.Should().NotBeNull();
    }

    [Fact]
    public async Task One_trace_has_its_name_and_no_note()
    {
        File.WriteAllText($"{Scratch}/kineto-7.json.gz", "one");
        var recorded = new ProfilerOutcome(new ProfilerRun("kineto", true), [], [$"{Scratch}/kineto-7.json.gz"]);

        var outcome = await Profiler(static _ => new ProfilerSummary("kineto")).ExportAsync(Task(), recorded, default);

        outcome.Summary.Should().BeEquivalentTo(new { Report = "kineto-7.json.gz", Pids = new[] { 7L } });
        outcome.Summary!.Notes.Should().BeEmpty();
    }

    [Fact]
    public async Task A_trace_that_is_gone_costs_the_others_nothing_and_is_named()
    {
        File.WriteAllText($"{Scratch}/kineto-1.json.gz", "small");
        var recorded = new ProfilerOutcome(new ProfilerRun("kineto", true, Words: "2 of 2"), [], [$"{Scratch}/kineto-1.json.gz", $"{Scratch}/kineto-2.json.gz"]);

        var outcome = await Profiler(static _ => new ProfilerSummary("kineto")).ExportAsync(Task(), recorded, default);

        outcome.Run.Should().Be(new ProfilerRun("kineto", true, Words: "2 of 2; gone from the disk: kineto-2.json.gz"));
        outcome.Files.Should().ContainSingle();
    }

    public void Dispose()
    {
        endpoint.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private ProfilerTask Task() => new("0123456789abcdef0123456789abcdef", folder, Scratch, new CaptureScope([], [], CpuSampling: false), TimeSpan.FromSeconds(1), null, new Progress<double>());

    private KinetoProfiler Profiler(Func<string, ProfilerSummary?> summarise) => new(settings, endpoint, "/proc", new CopyRoom(new CaptureSettings(), FreeSpace.At), TimeProvider.System, summarise, NullLogger<KinetoProfiler>.Instance);
}
