using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Capture;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Capture.Profilers.Kineto;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>
/// An unmodified PyTorch in a root folder of its own, which scripts/test-kineto.sh makes and names in KINETO_PYTORCH_ROOT. It is a
/// gigabyte, so that these tests are skipped everywhere else, in CI too.
/// </summary>
public sealed class RealPyTorchTests : IAsyncLifetime
{
    private const string Capture = "0123456789abcdef0123456789abcdef";
    private const string Program = """
        import os, sys, time, torch
        x = torch.randn(256, 256); w = torch.nn.Linear(256, 256)
        print("ready", flush=True)
        count = 0; since = time.time()
        while True:
            w(x).sum().backward(); count += 1
            now = time.time()
            if now - since >= 0.1:
                print(now, count / (now - since), flush=True)
                count = 0; since = now
        """;

    private readonly string? root = Environment.GetEnvironmentVariable("KINETO_PYTORCH_ROOT");
    private readonly string folder = Directory.CreateTempSubdirectory("pytorch-").FullName;
    private readonly List<PyTorchJob> jobs = [];
    private KinetoEndpoint? endpoint;
    private KinetoSettings settings = new() { Enabled = true };

    private static ITestOutputHelper Output => TestContext.Current.TestOutputHelper!;

    [Fact]
    public async Task Processes_on_the_host_and_in_a_container_record_the_same_instant_and_live_on()
    {
        await ListenAsync();
        Start("job-1");
        Start("job-2");
        Start("container", "unshare", "--pid", "--fork", "--kill-child", $"--mount-proc={root}/proc");
        await KnownAsync(3);

        var first = await RecordAsync();
        first.Run.Words.Should().Be("3 of 3 PyTorch processes wrote a trace");
        Says(first);
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
        var second = await RecordAsync();

        second.Run.Words.Should().Be("3 of 3 PyTorch processes wrote a trace", "a process can be asked any number of times");
        Says(second);
        jobs.Should().OnlyContain(static job => job.IsAlive);
        Directory.GetFiles($"{root}/tmp", "*gpu-agent*").Should().BeEmpty();
        var cost = jobs.Select(job => job.Cost(first.Run.From!.Value, first.Run.To!.Value)).ToArray();
        foreach (var (before, during) in cost) Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"steps a second: {before:0} before, {during:0} while recorded"));
    }

    [Fact]
    public async Task An_agent_that_is_started_anew_is_found_again()
    {
        await ListenAsync();
        Start("job");
        await KnownAsync(1);
        await endpoint!.StopAsync(default);
        await Task.Delay(TimeSpan.FromSeconds(7), TestContext.Current.CancellationToken);
        jobs[0].IsAlive.Should().BeTrue();

        await ListenAsync();
        await KnownAsync(1);

        (await RecordAsync()).Run.Succeeded.Should().BeTrue();
        jobs[0].IsAlive.Should().BeTrue();
    }

    [Fact]
    public async Task A_job_without_the_hosts_network_is_reached_through_a_folder()
    {
        var shared = $"/run/gpu-agent-{Guid.NewGuid():N}"[..24];
        settings = new KinetoSettings { Enabled = true, SocketDirectory = shared };
        await ListenAsync();
        Directory.CreateDirectory(root + shared);
        Execute("mount", "--bind", shared, root + shared);
        try
        {
            Start("pod", ["unshare", "--net", "--pid", "--fork", "--kill-child", $"--mount-proc={root}/proc"], ("KINETO_IPC_SOCKET_DIR", shared));
            await KnownAsync(1);

            var outcome = await RecordAsync();

            outcome.Run.Succeeded.Should().BeTrue(outcome.Run.Words);
            Says(outcome);
            jobs[0].IsAlive.Should().BeTrue();
        }
        finally
        {
            foreach (var job in jobs) job.Dispose();
            Execute("umount", root + shared);
            Directory.Delete(root + shared);
            await endpoint!.StopAsync(default);
            new KinetoAddresses(shared).Sweep();
            Directory.Delete(shared, recursive: true);
        }
    }

    [Fact]
    public async Task Jobs_that_start_while_the_agent_listens_do_not_abort()
    {
        await ListenAsync();
        for (var round = 0; round < 10; round++)
        {
            using var job = new PyTorchJob(root!, [], [], "import torch, time; time.sleep(1)");
            await job.EndAsync();
            job.ExitCode.Should().Be(0, job.Errors);
        }
    }

    [Fact]
    public async Task Datagrams_of_others_do_no_harm_to_a_job()
    {
        await ListenAsync();
        Start("job");
        await KnownAsync(1);
        using (var hostile = new Agent.Capture.Profilers.Kineto.LibkinetoClient())
            for (var round = 0; round < 1000; round++) hostile.Send([1, 2, 3]);

        (await RecordAsync()).Run.Succeeded.Should().BeTrue();
        jobs[0].IsAlive.Should().BeTrue();
    }

    public ValueTask InitializeAsync()
    {
        Assert.SkipWhen(root is null, "KINETO_PYTORCH_ROOT names no root folder with PyTorch; scripts/test-kineto.sh makes one");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var job in jobs) job.Dispose();
        if (endpoint is not null) await endpoint.StopAsync(default);
        endpoint?.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private async Task ListenAsync()
    {
        endpoint = new KinetoEndpoint(settings, new KinetoAddresses(settings.SocketDirectory), TimeProvider.System, NullLogger<KinetoEndpoint>.Instance);
        await endpoint.StartAsync(default);
        await Eventually.HoldsAsync(() => $"the endpoint listens; it is {endpoint.State}: {endpoint.Trouble}", () => Task.FromResult(endpoint.State == KinetoEndpointState.Listening));
    }

    private void Start(string name, params string[] around) => Start(name, around, []);

    private void Start(string name, string[] around, params (string, string)[] environment) => jobs.Add(new PyTorchJob(root!, around, environment, Program) { Name = name });

    private Task KnownAsync(int count) => Eventually.HoldsAsync(
        () => $"{count} processes are known; {endpoint!.Desk.Processes.Known.Count} are: {endpoint.Desk.Counts}; {string.Join("; ", jobs.Select(static job => job.Errors))}",
        () => Task.FromResult(endpoint!.Desk.Processes.Known.Count >= count));

    private async Task<ProfilerOutcome> RecordAsync()
    {
        var begun = Stopwatch.StartNew();
        var profiler = new KinetoProfiler(settings, endpoint!, "/proc", new CopyRoom(new CaptureSettings { FreeSpaceFloorBytes = 0 }, FreeSpace.At), TimeProvider.System, static _ => null, NullLogger<KinetoProfiler>.Instance);
        var scope = new CaptureScope([], [.. endpoint!.Desk.Processes.Known.Select(static process => new ScopeProcess(process.Pid, "python3", []))], false);
        var ability = await profiler.AbilityFor(scope, default);
        ability.Can.Should().BeTrue(ability.Words);
        var outcome = await profiler.RecordAsync(new ProfilerTask(Capture, folder, folder, scope, TimeSpan.FromMilliseconds(500), null, new Progress<double>()), default);
        Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{outcome.Run.Version}: {outcome.Run.Words}; {begun.Elapsed.TotalSeconds:0.0} s in all"));
        return outcome;
    }

    /// <summary>Reads every trace and says when it began.</summary>
    private static void Says(ProfilerOutcome outcome)
    {
        var starts = new List<double>();
        foreach (var path in outcome.Raw)
        {
            using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
            using var trace = JsonDocument.Parse(file);
            var whole = trace.RootElement.GetProperty("baseTimeNanoseconds").GetInt64();
            var operations = trace.RootElement.GetProperty("traceEvents").EnumerateArray().Where(static item => item.TryGetProperty("cat", out var kind) && kind.GetString() == "cpu_op").ToArray();
            operations.Should().NotBeEmpty();
            starts.Add(whole / 1e9 + operations.Min(static item => item.GetProperty("ts").GetDouble()) / 1e6 - outcome.Run.From!.Value.ToUnixTimeMilliseconds() / 1e3);
            Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(path)}: {new FileInfo(path).Length} bytes, {operations.Length} operations, the first {starts[^1] * 1000:0} ms after the start"));
            File.Delete(path);
        }
        // They ask up to five seconds apart; what is left is how soon a busy machine lets each run its next step.
        (starts.Max() - starts.Min()).Should().BeLessThan(1, "all begin at the same instant");
    }

    private static void Execute(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        process.ExitCode.Should().Be(0);
    }
}
