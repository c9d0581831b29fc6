using System.Diagnostics;
using System.Globalization;
using FluentAssertions;
using Monitoring.Agent.Devices.Files;
using Xunit;

namespace Monitoring.Tests.Agent.Devices.Files;

/// <summary>The root of process 42 is a folder here; around it stands what must not be reached.</summary>
public sealed class ProcessRootTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("roots-").FullName;
    private readonly string inside;
    private readonly ProcessRoot root;

    public ProcessRootTests()
    {
        inside = Directory.CreateDirectory($"{folder}/inside/tmp").Parent!.FullName;
        Directory.CreateDirectory($"{folder}/proc/42");
        Directory.CreateSymbolicLink($"{folder}/proc/42/root", inside);
        File.WriteAllText($"{folder}/secret", "secret");
        root = ProcessRoot.Open($"{folder}/proc", 42)!;
    }

    [Fact]
    public unsafe void Structures_have_the_sizes_of_the_kernel() => (sizeof(OpenHow), sizeof(FileFacts)).Should().Be((24, 256));

    [Fact]
    public void A_file_is_read_as_the_process_sees_it()
    {
        File.WriteAllText($"{inside}/tmp/a.json", "{}");

        using var file = root.OpenFile("/tmp/a.json")!;

        (file.Bytes, file.Links).Should().Be((2, 1));
        file.Modified.UtcDateTime.Should().BeCloseTo(File.GetLastWriteTimeUtc($"{inside}/tmp/a.json"), TimeSpan.FromMilliseconds(1));
        root.ReadText("/tmp/a.json", 2).Should().Be("{}");
        root.ReadText("/tmp/a.json", 1).Should().BeNull("it is larger than that");
        root.OpenFile("/tmp/b.json").Should().BeNull();
        root.Names("/tmp", 10).Should().Equal("a.json");
    }

    [Fact]
    public void A_file_that_is_a_link_is_none()
    {
        File.CreateSymbolicLink($"{inside}/tmp/a.json", $"{folder}/secret");
        File.CreateSymbolicLink($"{inside}/tmp/b.json", "../../secret");

        root.OpenFile("/tmp/a.json").Should().BeNull();
        root.OpenFile("/tmp/b.json").Should().BeNull();
    }

    [Fact]
    public void A_folder_that_is_a_link_stays_inside()
    {
        Directory.Delete($"{inside}/tmp");
        Directory.CreateSymbolicLink($"{inside}/tmp", folder);
        Directory.CreateSymbolicLink($"{inside}/up", "../../../../../..");

        root.ReadText("/tmp/secret", 100).Should().BeNull();
        root.ReadText("/up/etc/passwd", 1 << 20).Should().BeNull();
        root.ReadText("/up/../../etc/passwd", 1 << 20).Should().BeNull();
    }

    [Fact]
    public void A_link_inside_leads_to_the_processes_own_files()
    {
        Directory.CreateDirectory($"{inside}/data");
        File.WriteAllText($"{inside}/data/a.json", "mine");
        Directory.Delete($"{inside}/tmp");
        Directory.CreateSymbolicLink($"{inside}/tmp", "/data");

        root.ReadText("/tmp/a.json", 100).Should().Be("mine");
    }

    [Fact]
    public void The_way_through_procfs_into_another_process_is_closed()
    {
        Directory.Delete($"{inside}/tmp");
        Directory.CreateSymbolicLink($"{inside}/tmp", "/proc/1/root");
        using var here = ProcessRoot.Open("/proc", Environment.ProcessId)!;

        here.ReadText("/proc/self/root/etc/hostname", 1000).Should().BeNull();
        here.ReadText("/etc/hostname", 1000).Should().NotBeNull();
    }

    [Fact]
    public async Task A_pipe_a_folder_and_a_device_are_no_files_and_not_waited_for()
    {
        Directory.CreateDirectory($"{inside}/tmp/folder.json");
        using (var make = Process.Start("mkfifo", $"{inside}/tmp/pipe.json")) await make.WaitForExitAsync(TestContext.Current.CancellationToken);

        root.OpenFile("/tmp/pipe.json").Should().BeNull();
        root.OpenFile("/tmp/folder.json").Should().BeNull();
        using var here = ProcessRoot.Open("/proc", Environment.ProcessId)!;
        here.OpenFile("/dev/zero").Should().BeNull();
    }

    [Fact]
    public void A_second_name_of_a_file_is_seen()
    {
        File.WriteAllText($"{inside}/tmp/a.json", "{}");
        using (var link = Process.Start("ln", [$"{inside}/tmp/a.json", $"{inside}/tmp/b.json"])) link.WaitForExit();

        using var file = root.OpenFile("/tmp/b.json")!;

        file.Links.Should().Be(2);
    }

    [Fact]
    public void What_is_free_is_that_of_the_folders_own_disk()
    {
        root.FreeBytes("/tmp").Should().BeGreaterThan(0);
        root.FreeBytes("/none").Should().BeNull();
        Directory.CreateSymbolicLink($"{inside}/out", "/proc/self/fd");
        root.FreeBytes("/out").Should().BeNull("a link leads nowhere outside");
    }

    [Fact]
    public void Removing_takes_the_name_and_not_what_it_leads_to()
    {
        File.CreateSymbolicLink($"{inside}/tmp/a.json", $"{folder}/secret");

        root.Remove("/tmp/a.json").Should().BeTrue();

        File.Exists($"{folder}/secret").Should().BeTrue();
        root.Remove("/tmp/a.json").Should().BeFalse();
    }

    [Fact]
    public void A_process_that_is_gone_has_no_root_but_one_that_was_opened_stays()
    {
        ProcessRoot.Open("/proc", int.MaxValue).Should().BeNull();
        using var sleeper = Process.Start(new ProcessStartInfo("sleep", "60"))!;
        using var held = ProcessRoot.Open("/proc", sleeper.Id)!;
        sleeper.Kill();
        sleeper.WaitForExit();

        held.ReadText("/etc/hostname", 1000).Should().NotBeNull(sleeper.Id.ToString(CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        root.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
