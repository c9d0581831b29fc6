using System.Text.Json;
using FluentAssertions;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Collector.Captures;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Capture;

/// <summary>Whatever a node has to say, the collector takes it: its own reader is the judge.</summary>
public sealed class ManifestFitTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_manifest_within_the_limits_stays_as_it_is()
    {
        var manifest = Manifest();

        ManifestFit.Within(manifest).Should().BeEquivalentTo(manifest);
    }

    [Fact]
    public void A_text_is_cut_between_its_parts_and_says_how_many_are_left_out()
    {
        var text = string.Join("; ", Enumerable.Range(1, 64).Select(static pid => $"process {pid}: its PyTorch 2.6.0 is older than 2.10 and may abort"));

        var cut = ManifestFit.Cut(text, 1000);

        cut.Length.Should().BeLessThanOrEqualTo(1000).And.BeGreaterThan(900);
        cut.Should().StartWith("process 1: its PyTorch").And.MatchRegex("may abort; … and [0-9]+ more$");
        cut.Split("may abort").Length.Should().Be(1 + 64 - int.Parse(cut.Split(' ')[^2], System.Globalization.CultureInfo.InvariantCulture));
        ManifestFit.Cut(text, text.Length).Should().Be(text);
    }

    [Fact]
    public void A_wordspart_is_cut_within()
    {
        ManifestFit.Cut($"short; {new string('x', 5000)}; last", 1000).Should().StartWith("short; xxx").And.EndWith("x… and 1 more").And.Match(static cut => cut.Length <= 1000);
        ManifestFit.Cut(string.Concat(Enumerable.Repeat("😀", 1000)), 1001).Should().EndWith("😀…").And.Match(static cut => cut.Length <= 1001);
    }

    [Theory]
    [InlineData("process 1: its PyTorch is older; ")]
    [InlineData("Prozeß 'ä' \u0001; ")]
    public void Texts_of_any_length_are_taken(string part)
    {
        var words = string.Concat(Enumerable.Repeat(part, 2000));
        var manifest = Manifest() with
        {
            Words = words,
            Request = Manifest().Request with { Trigger = new CaptureTrigger(TriggerKinds.Person, "alice", words) },
            Runs = [.. ProfilerNames.All.Select(name => new ProfilerRun(name, false, CaptureRefusal.UnsafePytorch, words))],
            Files = [.. Enumerable.Range(0, 131).Select(static number => new CaptureFile($"counters-gpu{number}-mig-1-0.csv", CaptureFileKinds.Counters, "text/csv", 1L << 30, new string('a', 64)))],
            Gpus = [.. Enumerable.Range(0, 16).Select(static index => new CapturedGpu(index, $"GPU-{Guid.Empty}", "NVIDIA H100 80GB HBM3", "1234567890123", "00000000:19:00.0", "hopper", "96.00.5E.00.01"))],
        };

        ShouldBeTaken(ManifestFit.Within(manifest)).Runs[0].Words.Should().MatchRegex("… and [0-9]+ more$");
    }

    [Theory]
    [InlineData(300)]
    [InlineData(1000)]
    public void Command_lines_and_environments_of_any_length_are_taken(int characters)
    {
        var manifest = Manifest() with
        {
            Processes = [.. Enumerable.Range(0, 64).Select(pid => new CapturedProcess(pid, "python3", "alice", [0], [.. Enumerable.Range(0, 256).Select(_ => new string('ä', characters))],
                Enumerable.Range(0, 256).ToDictionary(static number => $"SLURM_{number}", _ => new string('ä', characters))))],
        };

        var process = ShouldBeTaken(ManifestFit.Within(manifest)).Processes[63];

        process.Name.Should().Be("python3");
        process.CommandLine![^1].Should().MatchRegex("^… and [0-9]+ more$");
        process.Environment!["…"].Should().MatchRegex("^and [0-9]+ more$");
        process.CommandLine.Count.Should().BeGreaterThan(1);
    }

    [Fact]
    public async Task A_profiler_that_has_much_to_say_costs_no_bundle()
    {
        await using var test = new CaptureUnderTest();
        test.System.Words = string.Join("; ", Enumerable.Range(1, 64).Select(static pid => $"process {pid}: its PyTorch 2.6.0+cu124 is older than 2.10 and may abort, says whoever looked into it"));
        test.Kineto.Ability = new ProfilerAbility(Can: false, CaptureRefusal.UnsafePytorch, test.System.Words);
        await test.StartAsync();
        var request = test.Request();

        test.Take(request).Stage.Should().Be(CaptureStage.Done);

        BundleManifest.Read(await File.ReadAllBytesAsync(Path.Combine(test.Root, request.Id, CaptureManifest.FileName), TestContext.Current.CancellationToken), out var error).Should().NotBeNull(error);
    }

    private static CaptureManifest ShouldBeTaken(CaptureManifest manifest)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(manifest, CaptureJson.Readable.CaptureManifest);
        bytes.LongLength.Should().BeLessThanOrEqualTo(BundleManifest.MostBytes);
        var read = BundleManifest.Read(bytes, out var error);
        error.Should().BeEmpty();
        return read!;
    }

    private static CaptureManifest Manifest() => new()
    {
        Request = new CaptureRequest { Id = new string('a', 32), Trigger = new CaptureTrigger(TriggerKinds.Person, "alice", "slow"), Target = new CaptureTarget("node-1"), RequestedAt = Now, ExpiresAt = Now },
        Node = "node-1",
        Result = CaptureStage.Done,
        Words = "counters: 1221 readings",
        Runs = [new ProfilerRun(ProfilerNames.Counters, true, Words: "1221 readings")],
        Processes = [new CapturedProcess(7, "python3", "alice", [0], ["python3", "train.py"], new Dictionary<string, string> { ["RANK"] = "0" })],
        FinishedAt = Now,
    };
}
