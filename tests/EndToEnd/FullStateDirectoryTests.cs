using System.Globalization;
using FluentAssertions;
using Monitoring.Contracts.Events;
using Monitoring.Simulator.Demo;
using Monitoring.Tests.Segments;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>A real agent whose state directory is on a file system that is full for a while.</summary>
[Collection(nameof(SuddenDeathTests))]
public sealed class FullStateDirectoryTests
{
    private const int Gpus = 16;

    // More than the memory for events that wait for the disk holds.
    private const int XidsWhileFull = 3000;

    private static readonly int[] Codes = [31, 48, 62, 63, 64, 69, 74, 92, 94, 95, 109, 119, 121];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Sampling_goes_on_what_memory_holds_arrives_and_the_rest_is_counted_and_told()
    {
        using var disk = new SmallDisk("12m");
        var ballast = Path.Combine(disk.DirectoryPath, "ballast");
        await using var agent = new KillableAgent("node-1", Gpus, seed: 1, collector: null, Path.Combine(disk.DirectoryPath, "state"));
        await agent.StartAsync();
        var raised = 0;
        Raise(agent, ref raised, 10);
        await UntilAsync(agent, "the first events are counted", page => Xids(page) == raised);

        Fill(ballast);
        Raise(agent, ref raised, XidsWhileFull);
        var before = await UntilAsync(agent, "the loss is counted and named", page => Xids(page) == raised && Lost(page) > 0);
        var after = await UntilAsync(agent, "every GPU was read ten times more", page => Samples(page).Length == Gpus && Samples(page).Zip(Samples(before)).All(static pair => pair.First >= pair.Second + 10));
        Xids(after).Should().Be(raised, "a lost event is counted all the same");

        File.Delete(ballast);
        Raise(agent, ref raised, 10);
        await UntilAsync(agent, "the journal is written again", page => Xids(page) == raised && new DirectoryInfo(agent.StateDirectory).EnumerateFiles("*.segment", SearchOption.AllDirectories).Sum(static file => file.Length) > 500_000);
        // The gap is an event too, which follows what waited.
        var told = await UntilAsync(agent, "the gap is told", static page => page.Any(static sample => sample is { Name: "gpu_events_total", Value: > 0 } && sample.Labels["kind"] == EventKinds.Gap));
        await Eventually.HoldsAsync("the gap is in the journal", () => agent.ReadJournal().Exists(static record => record.Kind == EventKinds.Gap), Patience);
        (await agent.KillAsync()).Split('\n').Should().ContainSingle(static line => line.Contains("The journal cannot be written: No space left on device", StringComparison.Ordinal), "it is said once");

        var journal = agent.ReadJournal();
        journal.Select(static record => record.Id).Should().OnlyHaveUniqueItems();
        var lost = Lost(told);
        journal.Should().ContainSingle(static record => record.Kind == EventKinds.Gap).Which.Title.Should().StartWith(string.Create(CultureInfo.InvariantCulture, $"{lost} events were lost")).And.Contain("disk_full");
        var kept = journal.Where(static record => record.Kind == EventKinds.Xid).Select(static record => record.Process!.Pid).ToList();
        kept.Should().Contain(Enumerable.Range(0, 10).Concat(Enumerable.Range(raised - 10, 10)).Select(static pid => (long)pid));
        kept.Count.Should().BeInRange(raised - (int)lost, raised - 1, "other events may be among the lost");
    }

    private static void Raise(KillableAgent agent, ref int raised, int count)
    {
        for (var end = raised + count; raised < end; raised++)
        {
            ref var state = ref agent.Node.Gpus[raised % Gpus].State;
            // Every GPU and code in turn, so that none is a storm.
            agent.Node.WriteKernelLine(string.Create(CultureInfo.InvariantCulture,
                $"NVRM: Xid (PCI:{state.PciDomain:x4}:{state.PciBus:x2}:{state.PciDevice:x2}): {Codes[raised / Gpus % Codes.Length]}, pid={raised}, name=python3, simulated"));
        }
    }

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[4096];
        try
        {
            while (true) file.Write(block);
        }
        catch (IOException)
        {
            // It is full, as it should be.
        }
    }

    private static double Xids(IReadOnlyList<MetricSample> page) => page.Where(static sample => sample.Name == "gpu_xid_events_total").Sum(static sample => sample.Value);

    private static double Lost(IReadOnlyList<MetricSample> page) => page.Single(static sample => sample.Name == "gpu_sink_events_dropped_total" && sample.Labels["sink"] == "journal" && sample.Labels["reason"] == "disk_full").Value;

    private static double[] Samples(IReadOnlyList<MetricSample> page) =>
        [.. page.Where(static sample => sample.Name == "gpu_agent_samples_total" && sample.Labels["collector"] == "nvml_fast").OrderBy(static sample => sample.Labels["gpu"], StringComparer.Ordinal).Select(static sample => sample.Value)];

    private static async Task<IReadOnlyList<MetricSample>> UntilAsync(KillableAgent agent, string what, Func<IReadOnlyList<MetricSample>, bool> holds)
    {
        IReadOnlyList<MetricSample> page = [];
        await Eventually.HoldsAsync(() => $"{what}. XIDs: {Xids(page)}, lost: {(page.Count == 0 ? double.NaN : Lost(page))}", async () =>
        {
            if (agent.HasExited) Assert.Fail(await agent.KillAsync());
            if (await agent.ReadAsync() is not { } read) return false;
            page = read;
            return holds(page);
        }, Patience);
        return page;
    }
}
