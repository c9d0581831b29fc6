using System.Diagnostics;
using FluentAssertions;
using Monitoring.Segments;
using Xunit;
using static Monitoring.Tests.Segments.LogDirectory;

namespace Monitoring.Tests.Segments;

public sealed class FullDiskTests
{
    [Fact]
    public void On_a_full_disk_nothing_is_appended_by_halves_and_later_it_goes_on()
    {
        using var disk = new SmallDisk("256k");
        var ballast = Path.Combine(disk.DirectoryPath, "ballast");
        using (var log = SegmentLog.Open(Path.Combine(disk.DirectoryPath, "log"), new SegmentLogOptions { MaximumBytes = 1 << 20, SegmentBytes = 32 << 10 }, new ManualTimeProvider()))
        {
            Fill(log, 10);
            File.WriteAllBytes(ballast, new byte[100_000]);
            var append = () => Fill(log, 2000, 5000);

            append.Should().Throw<IOException>();
            append.Should().Throw<IOException>();
            var kept = Sequences(log);
            kept.Should().Equal(Range(1, log.NextSequence - 1)).And.HaveCountGreaterThan(15);

            File.Delete(ballast);
            Fill(log, 3);
            Sequences(log).Should().Equal(Range(1, (ulong)kept.Count + 3));
        }
        using var again = SegmentLog.Open(Path.Combine(disk.DirectoryPath, "log"), new SegmentLogOptions { MaximumBytes = 1 << 20, SegmentBytes = 32 << 10 }, new ManualTimeProvider());
        again.TornRecords.Should().Be(0);
        again.Damages.Should().BeEmpty();
        Sequences(again).Should().Equal(Range(1, again.NextSequence - 1));
    }
}

/// <summary>A file system in memory with a size of its own; skips the test where it cannot be mounted.</summary>
internal sealed class SmallDisk : IDisposable
{
    internal SmallDisk(string size)
    {
        Requirement.That(Mount("mount", "-t", "tmpfs", "-o", $"size={size}", "none", DirectoryPath), "a tmpfs cannot be mounted; run this test as root");
    }

    internal string DirectoryPath { get; } = Directory.CreateTempSubdirectory("small-disk-").FullName;

    public void Dispose()
    {
        Mount("umount", "--lazy", DirectoryPath);
        Directory.Delete(DirectoryPath);
    }

    private static bool Mount(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
        process!.WaitForExit();
        return process.ExitCode == 0;
    }
}
