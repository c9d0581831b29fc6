using FluentAssertions;
using Monitoring.Cli;
using Monitoring.Contracts.Captures;
using Monitoring.Tests.Collector;
using Monitoring.Tests.Collector.Commands;
using Xunit;

namespace Monitoring.Tests.Cli;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("")]
    [InlineData("capture")]
    [InlineData("captures")]
    [InlineData("captures list")]
    [InlineData("captures download")]
    [InlineData("schedules")]
    [InlineData("schedules set")]
    [InlineData("audit")]
    public async Task The_help_is_golden(string command)
    {
        var (code, output, _) = await RunAsync([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        code.Should().Be(0);
        // The test program's own name stands where the program's would.
        GoldenFile.Check($"Cli/help{(command.Length > 0 ? "-" : "")}{command.Replace(' ', '-')}.txt", output.Replace(RootName, "gpuctl", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_capture_is_watched_until_it_is_done()
    {
        await using var collector = await RunningCollector.StartAsync();
        await using var agent = await AgentStream.OpenAsync(collector.Client, "n1");
        var output = new SignallingWriter();
        var run = RunAsync(["capture", "--node", "n1", "--gpu", "3", "--duration", "10s", "--reason", "slow step", "--by", "ada", "--wait", "--collector", collector.Address.ToString()], output);
        var request = (await agent.NextAsync()).Capture!;
        (long Sequence, CaptureStage Stage, string Words, string Line)[] words =
        [
            (1, CaptureStage.Queued, "", "n1: queued"),
            (2, CaptureStage.Armed, "armed", "n1: armed"),
            (3, CaptureStage.Recording, "recording 6/10 s", "n1: recording 6/10 s"),
            (4, CaptureStage.Exporting, "", "n1: exporting"),
            (5, CaptureStage.Uploading, "uploading 43 %", "n1: uploading 43 %"),
            (6, CaptureStage.Done, "done", "n1: done"),
        ];
        foreach (var (sequence, stage, text, line) in words)
        {
            await agent.SayAsync(request.Id, stage, sequence, text);
            await output.HasAsync(line);
        }

        (await run).Code.Should().Be(ExitCodes.Done);
        output.ToString().Should().StartWith($"n1: {request.Id}\n");
        request.Trigger.Should().Be(new CaptureTrigger(TriggerKinds.Person, "ada", "slow step"));
        request.Target.Gpus.Should().Equal(3);
        request.DurationSeconds.Should().Be(10);
    }

    [Fact]
    public async Task What_is_refused_fails_or_cannot_be_asked_has_an_exit_code_of_its_own()
    {
        await using var collector = await RunningCollector.StartAsync();
        await using var agent = await AgentStream.OpenAsync(collector.Client, "n1");
        string[] at = ["--collector", collector.Address.ToString()];

        (await RunAsync(["capture", "--node", "n2", .. at])).Should().Match<(int Code, string Output, string Error)>(static run => run.Code == ExitCodes.Refused && run.Output.StartsWith("n2: refused: node_not_connected: "));
        (await RunAsync(["capture", .. at])).Should().Match<(int Code, string Output, string Error)>(static run => run.Code == ExitCodes.Refused && run.Error.Contains("one of node, nodes, job"));
        (await RunAsync(["capture", "--node", "n1", "--duration", "5", .. at])).Should().Match<(int Code, string Output, string Error)>(static run => run.Code == ExitCodes.WrongUsage && run.Error.Contains("'5' is no duration"));
        (await RunAsync(["captures", "cancel", new string('0', 32), .. at])).Code.Should().Be(ExitCodes.Unknown);
        (await RunAsync(["audit", "--collector", "http://127.0.0.1:1"])).Should().Match<(int Code, string Output, string Error)>(static run => run.Code == ExitCodes.Unreachable && run.Error.Contains("GPUCTL_COLLECTOR"));
        (await RunAsync(["audit", "--collector", "here"])).Code.Should().Be(ExitCodes.WrongUsage);
    }

    [Fact]
    public async Task Schedules_are_set_listed_and_deleted_and_the_audit_says_who_did()
    {
        await using var collector = await RunningCollector.StartAsync(time: new ManualTimeProvider());
        string[] at = ["--by", "ada", "--collector", collector.Address.ToString()];

        (await RunAsync(["schedules", "set", "nightly", "--cron", "0 3 * * *", "--selector", "all", "--run-once", .. at])).Output.Should().StartWith("nightly ").And.Contain("2026-01-01T03:00:00Z");
        (await RunAsync(["schedules", "list", .. at])).Output.Split('\n').Should().HaveCount(3);
        (await RunAsync(["schedules", "delete", "nightly", .. at])).Output.Should().Be("nightly: deleted\n");
        (await RunAsync(["audit", "--of", "ada", .. at])).Output.Should().Be(
            "2026-01-01T00:00:00Z  schedule_delete  accepted              ada from 127.0.0.1: nightly\n2026-01-01T00:00:00Z  schedule_put     accepted              ada from 127.0.0.1: nightly: 0 3 * * * UTC, all\n");
    }

    [Fact]
    public async Task The_program_starts()
    {
        var (code, output) = await ChildProcess.RunAsync(Path.Combine(AppContext.BaseDirectory, "gpuctl"), ["--version"]);
        (code, output.Trim()).Should().Be((0, typeof(ExitCodes).Assembly.GetName().Version!.ToString(3)));
    }

    private static string RootName => Path.GetFileNameWithoutExtension(Environment.GetCommandLineArgs()[0]);

    private static async Task<(int Code, string Output, string Error)> RunAsync(string[] args, TextWriter? output = null)
    {
        var (written, error) = (output ?? new StringWriter(), new StringWriter());
        var code = await CommandLine.RunAsync(args, new Surroundings { Out = written, Error = error, Variable = static _ => null, User = "tester" });
        return (code, written.ToString()!, error.ToString());
    }

    /// <summary>A writer that says when a line has come.</summary>
    private sealed class SignallingWriter : StringWriter
    {
        private readonly SemaphoreSlim written = new(0);

        public override async Task WriteLineAsync(string? value)
        {
            await base.WriteLineAsync(value);
            written.Release();
        }

        internal async Task HasAsync(string line)
        {
            while (!ToString().Split('\n').Contains(line)) (await written.WaitAsync(Eventually.Patience)).Should().BeTrue($"'{line}' comes");
        }
    }
}
