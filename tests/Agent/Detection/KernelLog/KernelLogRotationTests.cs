using System.Globalization;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Detection.KernelLog;
using Monitoring.Agent.Devices.Kernel;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.KernelLog;

/// <summary>The kernel's log as a file that is rotated, truncated and overrun, from the file to the journal.</summary>
[Collection(SimulatedDriverTests.Name)]
public sealed class KernelLogRotationTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kernel-log-").FullName;
    private readonly LoopUnderTest test = new("never: { when: { threshold: { metric: gpu_devices, is: \"> 99\" } } }");
    private readonly KernelLogSource source;
    private readonly IKernelLog log;

    public KernelLogRotationTests()
    {
        test.Time.Advance(TimeSpan.FromSeconds(1000));
        File.WriteAllText(LogPath, "");
        source = new KernelLogSource(LogPath, "boot-1", LineContext.None, test.Time, NullLogger<KernelLogSource>.Instance);
        source.Begin(test.Queue, null);
        log = KernelLogDevice.Open(LogPath);
        source.Open();
    }

    private string LogPath => Path.Combine(folder, "kmsg");

    public void Dispose()
    {
        log.Dispose();
        test.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_rotated_log_is_read_on_and_nothing_is_missed_or_made_twice()
    {
        Write(1, 2);
        Read();
        Write(3);
        File.Move(LogPath, LogPath + ".1");
        Write(4, 5);
        Read();
        Write(6);
        Read();

        Codes.Should().Equal(1, 2, 3, 4, 5, 6);
        Gaps.Should().BeEmpty();
    }

    [Fact]
    public void A_log_that_is_cut_and_written_again_from_an_older_record_makes_nothing_twice()
    {
        Write(1, 2, 3, 4);
        Read();
        using (new FileStream(LogPath, FileMode.Truncate)) { }
        Read();
        Write(3, 4, 5);
        Read();

        Codes.Should().Equal(1, 2, 3, 4, 5);
        Gaps.Should().BeEmpty();
    }

    [Fact]
    public void A_log_that_overran_the_reader_tells_one_gap_with_its_count()
    {
        Write(1, 2);
        Read();
        File.Delete(LogPath);
        Write(8, 9);
        Read();
        Read();

        Codes.Should().Equal(1, 2, 8, 9);
        Gaps.Should().ContainSingle().Which.Evidence.Details!["records"].Should().Be("5");
        source.Lost.Should().Be(5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_step_of_the_wall_clock_makes_nothing_twice_and_keeps_the_order(int hours)
    {
        Write(1, 2);
        Read();
        test.Time.WallClockOffset = TimeSpan.FromHours(hours);
        Write(3);
        Read();
        using (new FileStream(LogPath, FileMode.Truncate)) { }
        Read();
        Write(1, 2, 3, 4);
        Read();

        Codes.Should().Equal(1, 2, 3, 4);
    }

    private IEnumerable<int?> Codes => test.Journal.Events.Where(static record => record.Kind == EventKinds.Xid).Select(static record => record.Code);

    private IEnumerable<EventRecord> Gaps => test.Journal.Events.Where(static record => record.Kind == EventKinds.Gap);

    // The sequence number is the XID too, so that each is an incident of its own.
    private void Write(params int[] sequences) => File.AppendAllText(LogPath, string.Concat(sequences.Select(static sequence =>
        string.Create(CultureInfo.InvariantCulture, $"4,{sequence},{900_000_000 + sequence},-;NVRM: Xid (PCI:0000:1b:00): {sequence}, pid={sequence}, name=python3\n"))));

    private void Read()
    {
        source.Drain(log, waited: true).Should().BeTrue();
        test.Loop.Step();
    }
}
