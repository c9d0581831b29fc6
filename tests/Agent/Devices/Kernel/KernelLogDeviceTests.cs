using System.Text;
using FluentAssertions;
using Monitoring.Agent.Devices.Kernel;
using Xunit;

namespace Monitoring.Tests.Agent.Devices.Kernel;

public sealed class KernelLogDeviceTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("kernel-log-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_is_written_into_the_real_log_comes_back_with_rising_sequence_numbers()
    {
        const string Device = "/dev/kmsg";
        Requirement.That(File.Exists(Device), $"there is no {Device}; run this test on a Linux machine");
        IKernelLog log;
        FileStream writer;
        try
        {
            log = KernelLogDevice.Open(Device);
            writer = new FileStream(Device, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Requirement.That(false, $"{Device} cannot be opened ({fault.Message}); run this test as root");
            return;
        }
        var marker = $"gpu-agent-test-{Guid.NewGuid():n}";
        using (log)
        using (writer)
        {
            // Without a line feed the kernel would wait for the rest of the line.
            for (var number = 0; number < 3; number++)
                writer.Write(Encoding.UTF8.GetBytes($"<6>NVRM: Xid (PCI:0000:ff:1f): 1{number}, pid=1, name={marker}\n"));
            var found = new List<KernelRecord>();
            var buffer = new byte[16 * 1024];
            var waits = 0;
            while (found.Count < 3 && waits < 20)
            {
                var read = log.Read(buffer, out var length);
                if (read == KernelRead.Empty)
                {
                    log.Wait(TimeSpan.FromMilliseconds(100));
                    waits++;
                }
                else if (read == KernelRead.Record && KernelRecord.Parse(buffer.AsSpan(0, length)) is { } record && record.Text.Contains(marker, StringComparison.Ordinal))
                    found.Add(record);
            }
            Requirement.That(found.Count > 0, "the kernel takes no lines from programs (kernel.printk_devkmsg); set it to on to run this test");

            found.Should().HaveCount(3);
            found.Select(static record => record.Sequence).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
            found.Select(static record => record.Microseconds).Should().BeInAscendingOrder();
            found[2].Text.Should().Be($"NVRM: Xid (PCI:0000:ff:1f): 12, pid=1, name={marker}");
        }
    }

    [Fact]
    public void A_file_is_followed_as_it_grows_with_the_properties_of_its_records()
    {
        var path = Write("6,1,10,-;one\n SUBSYSTEM=pci\n6,2,20,-;two\n6,3,30,-;thr");
        using var log = KernelLogDevice.Open(path);

        ReadAll(log).Should().Equal("one", "two");
        File.AppendAllText(path, "ee\n6,4,40,-;four\n");
        ReadAll(log).Should().Equal("three", "four");
    }

    [Fact]
    public void A_truncated_file_is_read_from_its_start()
    {
        var path = Write("6,1,10,-;one\n6,2,20,-;two\n");
        using var log = KernelLogDevice.Open(path);
        ReadAll(log).Should().HaveCount(2);

        File.WriteAllText(path, "6,3,30,-;three\n");

        ReadAll(log).Should().Equal("three");
    }

    [Fact]
    public void A_file_that_was_replaced_is_read_to_its_end_and_then_the_new_one()
    {
        var path = Write("6,1,10,-;one\n");
        using var log = KernelLogDevice.Open(path);
        ReadAll(log).Should().Equal("one");

        File.AppendAllText(path, "6,2,20,-;two\n");
        File.Move(path, path + ".1");
        File.WriteAllText(path, "6,3,30,-;three\n");

        ReadAll(log).Should().Equal("two", "three");
    }

    [Fact]
    public void A_line_that_never_ends_is_dropped_and_the_next_one_read()
    {
        var path = Write("6,1,10,-;" + new string('a', 300_000) + "\n6,2,20,-;two\n");
        using var log = KernelLogDevice.Open(path);

        ReadAll(log).Should().Equal("two");
    }

    [Fact]
    public void A_record_longer_than_the_buffer_is_told_and_passed_over()
    {
        var path = Write("6,1,10,-;" + new string('a', 20_000) + "\n6,2,20,-;two\n");
        using var log = KernelLogDevice.Open(path);

        log.Read(new byte[16 * 1024], out _).Should().Be(KernelRead.TooLong);
        ReadAll(log).Should().Equal("two");
    }

    [Fact]
    public void A_missing_log_is_told_in_words()
    {
        var open = () => KernelLogDevice.Open(Path.Combine(folder, "none"));

        open.Should().Throw<IOException>().WithMessage("*none cannot be read: No such file or directory");
    }

    private string Write(string text)
    {
        var path = Path.Combine(folder, "kmsg");
        File.WriteAllText(path, text);
        return path;
    }

    private static List<string> ReadAll(IKernelLog log)
    {
        var texts = new List<string>();
        var buffer = new byte[16 * 1024];
        while (log.Read(buffer, out var length) == KernelRead.Record)
            texts.Add(KernelRecord.Parse(buffer.AsSpan(0, length))?.Text ?? "(no record)");
        return texts;
    }
}
