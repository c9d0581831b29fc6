using FluentAssertions;
using Monitoring.Agent.Detection.Sources;
using Monitoring.Agent.Devices;
using Monitoring.Agent.Sampling;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Sources;

public sealed class DriverVersionProbeTests : IDisposable
{
    private readonly FileTree tree = new();
    private readonly ProbeUnderTest probe;
    private string nvml = "580.95.05";
    private bool wasAsked = true;

    public DriverVersionProbeTests()
    {
        Module("580.95.05");
        Library("580.95.05");
        var devices = new DeviceSettings { Procfs = tree.Root, NvmlLibrary = tree.At("libnvidia-ml.so.1") };
        probe = new ProbeUnderTest(new DriverVersionProbe(devices, () => nvml, () => wasAsked, new ManualTimeProvider()));
    }

    public void Dispose() => tree.Dispose();

    [Fact]
    public void Parts_of_one_version_are_no_mismatch()
    {
        probe.Look().Should().BeEmpty();
        probe.Read(MetricTable.DriverVersionMismatch).Should().Equal(" 0");
    }

    [Fact]
    public void A_package_that_was_updated_under_the_loaded_module_is_said_with_the_remedy()
    {
        probe.Look();
        tree.Delete("libnvidia-ml.so.1");
        Library("590.48.01");
        var started = probe.Sightings().Should().ContainSingle().Subject;
        started.Title.Should().Be("Parts of the driver are of different versions: kernel module 580.95.05, NVML 580.95.05, library file 590.48.01");
        started.SuggestedAction.Should().Contain("reboot");
        probe.Read(MetricTable.DriverVersionMismatch).Should().Equal(" 1");

        Module("590.48.01");
        nvml = "590.48.01";
        probe.Look().Should().Equal("Ended Info: All parts of the driver are of one version", "Instant Info: The driver was changed from 580.95.05 to 590.48.01");
    }

    [Fact]
    public void A_driver_that_is_unloaded_is_an_incident_until_it_is_loaded()
    {
        probe.Look();
        tree.Delete("driver");
        nvml = "";
        probe.Look().Should().Equal("Started Warning: The driver 580.95.05 was unloaded");
        Module("580.95.05");
        probe.Look().Should().Equal("Ended Info: The driver 580.95.05 is loaded");
    }

    [Fact]
    public void Before_the_driver_was_asked_its_silence_means_nothing()
    {
        probe.Look();
        tree.Delete("driver");
        (nvml, wasAsked) = ("", false);
        probe.Look().Should().BeEmpty();
    }

    [Fact]
    public void A_node_that_never_had_a_driver_is_not_missed_one()
    {
        tree.Delete("driver");
        tree.Delete("libnvidia-ml.so.1");
        nvml = "";
        probe.Look().Should().BeEmpty();
        probe.Read(MetricTable.DriverVersionMismatch).Should().BeEmpty();
    }

    private void Module(string version) =>
        tree.Write("driver/nvidia/version", $"NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  {version}  Release Build  (dvs-builder@U22-I3-B17-02-5)");

    private void Library(string version)
    {
        tree.Write($"libnvidia-ml.so.{version}", "");
        File.CreateSymbolicLink(tree.At("libnvidia-ml.so.1"), $"libnvidia-ml.so.{version}");
    }
}
