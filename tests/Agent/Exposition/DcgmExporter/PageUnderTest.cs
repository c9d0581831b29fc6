using System.Buffers;
using System.Text;
using Monitoring.Agent.Devices.Nvml;
using Monitoring.Agent.Exposition.DcgmExporter;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;
using Monitoring.Simulator;
using Monitoring.Simulator.Demo;
using Xunit;

namespace Monitoring.Tests.Agent.Exposition.DcgmExporter;

/// <summary>Pages over a simulated node that stands still until the test moves it.</summary>
internal sealed class PageUnderTest : IDisposable
{
    private readonly SimulatedDriver driver;
    private readonly Freshness freshness;

    internal PageUnderTest(string profile = "h100", int gpus = 2, SamplingSettings? settings = null)
    {
        driver = new SimulatedDriver(profile, gpus, settings);
        freshness = new Freshness(driver.Settings, driver.Time);
        Samplers = [.. Enumerable.Range(0, gpus).Select(Open)];
        Read();
        // GPM and rates need an interval, and so that every tier is due.
        Advance(TimeSpan.FromSeconds(11));
    }

    internal SimulatedNode Node => driver.Node;

    internal ManualTimeProvider Time => driver.Time;

    internal IReadOnlyList<GpuSampler> Samplers { get; }

    internal string Host { get; init; } = "node-1";

    internal Dictionary<string, JobReference> Jobs { get; } = [];

    internal Dictionary<string, int> Xids { get; } = [];

    internal DcgmPage Page(DcgmFlavour flavour) => new(flavour, new DcgmReadings(Host, () => driver.Library.DriverVersion, gpus => gpus.AddRange(Samplers.Select(static sampler => sampler.Sets)),
        uuid => Jobs.GetValueOrDefault(uuid), uuid => Xids.TryGetValue(uuid, out var code) ? code : null), freshness, Time);

    internal static string Text(DcgmPage page)
    {
        var into = new ArrayBufferWriter<byte>();
        page.Write(into);
        return Encoding.UTF8.GetString(into.WrittenSpan);
    }

    internal string Text(DcgmFlavour flavour) => Text(Page(flavour));

    internal IReadOnlyList<MetricSample> Samples(DcgmFlavour flavour) => MetricsPage.Read(Text(flavour));

    /// <summary>The page as it is at the second scrape, ten seconds after the first.</summary>
    internal string SecondScrape(DcgmFlavour flavour)
    {
        var page = Page(flavour);
        Text(page);
        Advance(TimeSpan.FromSeconds(10));
        return Text(page);
    }

    /// <summary>Moves the node and the clock on, then reads everything.</summary>
    internal void Advance(TimeSpan time)
    {
        driver.Node.Advance(time);
        driver.Time.Advance(time);
        Read();
    }

    public void Dispose() => driver.Dispose();

    private void Read()
    {
        foreach (var sampler in Samplers) sampler.Tick();
    }

    private GpuSampler Open(int index)
    {
        Assert.Equal(NvmlReturn.Success, driver.Library.DeviceHandle(index, out var device));
        return new GpuSampler(new NvmlGpu(driver.Library, device, index, driver.Clock, driver.Time), "test", "node-1", driver.Settings, driver.Time);
    }
}
