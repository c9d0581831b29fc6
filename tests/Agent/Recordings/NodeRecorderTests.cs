using FluentAssertions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Recordings;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;
using Monitoring.Contracts.Recordings;
using Xunit;

namespace Monitoring.Tests.Agent.Recordings;

[Collection(SimulatedDriverTests.Name)]
public sealed class NodeRecorderTests : IDisposable
{
    private readonly SimulatedDriver driver = new("h100", gpus: 2);
    private readonly NodeReadings readings = new();
    private readonly MemoryStream file = new();
    private readonly List<FrameSource> sources = [];
    private readonly RecordingWriter writer;
    private readonly NodeRecorder recorder;
    private double devices = 2;

    public NodeRecorderTests()
    {
        readings.Add(MetricTable.Devices, () => devices);
        writer = new RecordingWriter(file, new RecordingHeader("node-1", "test", "boot", "0.1.0", driver.Time.GetUtcNow(), driver.Time.TimestampFrequency));
        recorder = new NodeRecorder(writer, () => sources, readings, driver.Time);
    }

    [Fact]
    public void Every_frame_is_in_the_file_with_its_time_and_its_values()
    {
        var sampler = Source(0);
        var expected = new List<double[]>();
        recorder.Turn();
        for (var turn = 0; turn < 50; turn++)
        {
            driver.Advance(sampler, TimeSpan.FromMilliseconds(100));
            expected.Add(sampler.Sets[0].Series.Values.ToArray());
            if (turn % 7 == 0) recorder.Turn();
        }
        recorder.Turn();
        writer.End();

        var reader = Reader();
        var frames = new List<double[]>();
        var stamps = new List<RecordedStamp>();
        RecordedLayout? layout = null;
        while (reader.Read() is not RecordingItem.End and var item)
        {
            if (item != RecordingItem.Frame || reader.Layout.Gpu is null) continue;
            layout = reader.Layout;
            frames.Add(reader.Values.ToArray());
            stamps.Add(reader.Stamp);
        }
        layout!.Gpu!.Uuid.Should().StartWith("GPU-");
        layout.Series.Select(static series => series.Metric).Should().Contain(["gpu_power_watts", "gpu_nvlink_up"]);
        frames.Skip(2).Should().BeEquivalentTo(expected, static options => options.WithStrictOrdering());
        stamps.Select(static stamp => stamp.Number).Should().Equal(Enumerable.Range(0, 52).Select(static n => (long)n));
        stamps[^1].UnixMicroseconds.Should().Be(driver.Time.GetUtcNow().ToUnixTimeMilliseconds() * 1000);
        stamps.Count(static stamp => stamp.Tiers == 1).Should().BeGreaterThan(40);
        recorder.Missed.Should().Be(0);
    }

    [Fact]
    public void The_node_is_written_once_a_second_and_events_where_they_come()
    {
        recorder.Turn();
        for (var turn = 0; turn < 40; turn++)
        {
            if (turn == 20) devices = 1;
            if (turn == 25) recorder.Take(new EventRecord { Id = EventId.Of("1"), Time = driver.Time.GetUtcNow(), Node = "node-1", Kind = EventKinds.Xid, Code = 79, Title = "XID 79" });
            driver.Time.Advance(TimeSpan.FromMilliseconds(100));
            recorder.Turn();
        }
        writer.End();

        var reader = Reader();
        var seen = new List<string>();
        while (reader.Read() is not RecordingItem.End and var item)
            seen.Add(item switch { RecordingItem.Frame => $"devices {reader.Values[0]}", RecordingItem.Event => reader.Event!.Title, _ => item.ToString() });
        seen.Should().Equal("Layout", "devices 2", "devices 2", "devices 2", "XID 79", "devices 1", "devices 1");
    }

    [Fact]
    public void A_gpu_that_is_not_sampled_is_gone_and_one_whose_series_changed_is_not()
    {
        var first = Source(0);
        Source(1);
        recorder.Turn();
        driver.Advance(first, TimeSpan.FromSeconds(1));
        sources.Clear();
        recorder.Turn();
        Source(0);
        recorder.Turn();
        recorder.Turn();
        sources.Clear();
        Source(0);
        recorder.Turn();
        writer.End();

        var reader = Reader();
        var seen = new List<string>();
        while (reader.Read() is not RecordingItem.End and var item)
            if (item != RecordingItem.Frame && reader.Layout.Gpu is { } gpu) seen.Add($"{item} {gpu.Index}");
        seen.Should().Equal("Layout 0", "Layout 1", "Gone 0", "Gone 1", "Layout 0", "Layout 0", "Gone 0");
    }

    [Fact]
    public void Frames_that_were_overwritten_are_counted()
    {
        var sampler = Source(0);
        recorder.Turn();
        for (var turn = 0; turn < 50; turn++) driver.Advance(sampler, TimeSpan.FromMilliseconds(100));
        recorder.Turn();
        recorder.Missed.Should().Be(50 - (FrameRing.DefaultCapacity - 1));
    }

    [Fact]
    public void Without_an_end_mark_all_but_the_last_seconds_is_in_the_file()
    {
        var sampler = Source(0);
        for (var turn = 0; turn < 150; turn++)
        {
            driver.Advance(sampler, TimeSpan.FromMilliseconds(100));
            recorder.Turn();
        }
        var reader = Reader();
        while (reader.Read() != RecordingItem.End) { }
        reader.Trouble.Should().StartWith("its end is missing");
        reader.Frames.Should().BeGreaterThan(100);
    }

    public void Dispose()
    {
        driver.Dispose();
        file.Dispose();
    }

    private GpuSampler Source(int gpu)
    {
        var sampler = driver.Sampler(gpu);
        sources.Add(new FrameSource(new GpuSubject(gpu, driver.Node.Gpus[gpu].Uuid), sampler.Sets[0]));
        return sampler;
    }

    private RecordingReader Reader() => new(new MemoryStream(file.ToArray()));
}
