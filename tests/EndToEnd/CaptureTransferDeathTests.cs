using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Shipping;
using Monitoring.Agent.Shipping.Uploads;
using Monitoring.Tests.Agent.Shipping.Uploads;
using Monitoring.Tests.Collector.Captures;
using Monitoring.Tests.Install;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>
/// The collector and the side that uploads die by SIGKILL at random moments of uploads, their starts included; at the end every capture is
/// at the collector once, byte for byte, and nothing is left over. <c>scripts/test-capture-death.sh --rounds N</c> sets the number of deaths.
/// </summary>
public sealed class CaptureTransferDeathTests(ITestOutputHelper output)
{
    private const string FolderVariable = "CAPTURES_OF_THE_CHILD";
    private const string CollectorVariable = "COLLECTOR_OF_THE_CHILD";
    private const int BundlesAtOnce = 3;

    // A bundle of some megabytes takes about a second: deaths find it in the middle.
    private const long BytesPerSecond = 6_000_000;

    private static readonly TimeSpan LongestLife = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    private readonly List<SomeCapture> made = [];
    private string folder = "";

    private string Bundles => Path.Combine(folder, "bundles");

    [Fact]
    public async Task Every_capture_is_at_the_collector_once_whoever_dies_when()
    {
        var rounds = int.TryParse(Environment.GetEnvironmentVariable("CAPTURE_DEATH_ROUNDS"), CultureInfo.InvariantCulture, out var asked) ? asked : 10;
        var began = TimeProvider.System.GetTimestamp();
        var random = new Random(11);
        // Not before: the child makes this class too, and never takes anything away.
        using var temporary = new TemporaryFolder();
        folder = temporary.Path;
        Directory.CreateDirectory(Bundles);
        await using var collector = new KillableCollector("captures.min_free_bytes=0");
        await collector.StartAsync();
        Process? sender = null;
        try
        {
            sender = StartSender(collector.Address);
            for (var round = 0; round < rounds; round++)
            {
                while (Directory.GetDirectories(Bundles).Length < BundlesAtOnce) Make(random);
                await Task.Delay(LongestLife * random.NextDouble(), TimeProvider.System);
                var victim = random.Next(3);
                if (victim != 0) await KillAsync(sender);
                if (victim != 1)
                {
                    (await collector.KillAsync()).Should().NotContain("damaged").And.NotContain("fault");
                    await collector.StartAsync();
                }
                if (victim != 0) sender = StartSender(collector.Address);
            }
            await UntilEmptyAsync();
            await KillAsync(sender);
        }
        finally
        {
            if (sender is not null) await KillAsync(sender);
        }

        (await ReadIdsAsync(collector)).Should().BeEquivalentTo(made.Select(static capture => capture.Id));
        var captures = Path.Combine(collector.StateDirectory, "captures");
        foreach (var capture in made)
        {
            Directory.GetFiles(Path.Combine(captures, "bundles", capture.Id)).Should().HaveCount(capture.Files.Count + 1);
            foreach (var (name, bytes) in capture.All) SomeCapture.HashOf(File.ReadAllBytes(Path.Combine(captures, "bundles", capture.Id, name))).Should().Be(SomeCapture.HashOf(bytes), $"{name} of {capture.Id}");
        }
        foreach (var part in (string[])["uploads", "staging", "trash"]) Directory.GetFileSystemEntries(Path.Combine(captures, part)).Should().BeEmpty(part);
        Directory.GetFiles(Path.Combine(folder, "uploads")).Length.Should().BeLessThanOrEqualTo(1, "of the last capture the sender may have died before it forgot");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{rounds} deaths, {made.Count} captures with {made.Sum(static capture => capture.Files.Values.Sum(static bytes => (long)bytes.Length)) / 1_000_000} MB, {TimeProvider.System.GetElapsedTime(began).TotalSeconds:F0} s"));
    }

    /// <summary>The child's part: runs only where a test of this class asks for it.</summary>
    [Fact(Explicit = true)]
    public async Task Uploads_until_it_is_killed()
    {
        var parent = Environment.GetEnvironmentVariable(FolderVariable)!;
        var outbox = new FolderOutbox(Path.Combine(parent, "bundles"));
        using var uploads = new CaptureUploads(
            new CollectorSettings { Endpoint = new Uri(Environment.GetEnvironmentVariable(CollectorVariable)!), UploadBytesPerSecond = BytesPerSecond },
            outbox, new UploadLedger(parent), TimeProvider.System, NullLogger<CaptureUploads>.Instance);
        var running = uploads.RunAsync(CancellationToken.None);
        using var ticks = new PeriodicTimer(Tick);
        while (!running.IsCompleted && await ticks.WaitForNextTickAsync()) outbox.Ring();
        await running;
    }

    private void Make(Random random)
    {
        var capture = new SomeCapture(made.Count, random.Next(3 << 20), random.Next(100), random.Next(4 << 20), 0);
        // As a node makes it: aside, and then under its name.
        var aside = Path.Combine(folder, "aside");
        Directory.Move(capture.WriteTo(aside), Path.Combine(Bundles, capture.Id));
        made.Add(capture);
    }

    private Process StartSender(Uri collector)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet") start.ArgumentList.Add(typeof(CaptureTransferDeathTests).Assembly.Location);
        foreach (var argument in (string[])["-method", $"{typeof(CaptureTransferDeathTests).FullName}.{nameof(Uploads_until_it_is_killed)}", "-explicit", "only"]) start.ArgumentList.Add(argument);
        start.Environment[FolderVariable] = folder;
        start.Environment[CollectorVariable] = collector.ToString();
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private static async Task KillAsync(Process process)
    {
        if (process.HasExited) return;
        process.Kill();
        await process.WaitForExitAsync();
    }

    private static async Task<List<string>> ReadIdsAsync(KillableCollector collector)
    {
        using var http = new HttpClient { BaseAddress = collector.Address };
        using var page = JsonDocument.Parse(await http.GetStringAsync(new Uri("/api/v1/captures?limit=1000", UriKind.Relative)));
        return [.. page.RootElement.GetProperty("captures").EnumerateArray().Select(static one => one.GetProperty("id").GetString()!)];
    }

    private Task UntilEmptyAsync() => Eventually.HoldsAsync(
        () => $"every bundle has gone; there are {string.Join(", ", Directory.GetFileSystemEntries(Bundles, "*", SearchOption.AllDirectories))}",
        () => Task.FromResult(Directory.GetDirectories(Bundles).Length == 0), Patience);
}
