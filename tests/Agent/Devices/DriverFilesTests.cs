using FluentAssertions;
using Monitoring.Agent.Devices;
using Monitoring.Tests.Agent.Detection.Sources;
using Xunit;

namespace Monitoring.Tests.Agent.Devices;

public sealed class DriverFilesTests
{
    [Theory]
    [InlineData("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build  (dvs-builder@U22-I3-B17-02-5)  Tue Sep 23 09:55:41 UTC 2025\nGCC version:  gcc version 11.4.0 (Ubuntu 11.4.0-1ubuntu1~22.04.2)\n", "580.95.05")]
    [InlineData("NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.135  Fri Jan 10 20:00:00 UTC 2025\n", "550.135")]
    [InlineData("NVRM version: NVIDIA UNIX Open Kernel Module for aarch64  570.133.20\n", "570.133.20")]
    [InlineData("", "")]
    [InlineData("NVRM version: something else", "")]
    public void The_modules_version_is_read_in_both_flavours(string text, string version) => DriverFiles.ModuleVersionOf(text).Should().Be(version);

    [Fact]
    public void The_librarys_version_is_in_the_name_behind_the_link_beside_the_one_that_is_loaded()
    {
        using var tree = new FileTree();
        tree.Write("lib/libnvidia-ml.so.580.65.06", "");
        File.CreateSymbolicLink(tree.At("lib/libnvidia-ml.so.1"), "libnvidia-ml.so.580.65.06");
        // The file that is mapped was replaced by an update; the link leads to the new one.
        tree.Write("proc/self/maps", $"7f00-7f01 r-xp 00000000 08:01 42 /usr/lib/libc.so.6\n7f02-7f03 r-xp 00000000 08:01 43                         {tree.At("lib/libnvidia-ml.so.550.54.15")} (deleted)");
        var files = new DriverFiles(tree.At("proc"));

        files.LibraryFileVersion("libnvidia-ml.so.1").Should().Be("580.65.06");
        files.LibraryFileVersion(tree.At("lib/libnvidia-ml.so.1")).Should().Be("580.65.06");
        files.LibraryFileVersion(tree.At("lib/missing.so.1")).Should().BeEmpty();
        new DriverFiles(tree.At("nothing")).LibraryFileVersion("libnvidia-ml.so.1").Should().BeEmpty();
        files.ModuleVersion().Should().BeEmpty();
    }
}
