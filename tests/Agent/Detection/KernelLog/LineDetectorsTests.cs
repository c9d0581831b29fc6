using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.KernelLog;
using Monitoring.Agent.Devices.Pci;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.KernelLog;

public sealed class LineDetectorsTests
{
    private static readonly string[] Pieces =
    [
        "NVRM: ", "Xid (", "PCI:0000:91:00", "): ", "79", ", pid='", "<unknown>", "'", ", name=", "nvidia-nvswitch0: ", "SXid (", "Fatal, ", "AER: ", "PCIe Bus Error: ",
        "severity=Uncorrected (Fatal)", "Out of memory: Killed process ", "12 (python3)", " (oom_kill_allocating_task)", " total-vm", "heartbeat", "segfault", " in libnccl.so.2", "GSP", "Timeout", "fallen off the bus", "(", ")", "0x0", "\0", "\ud800", " ", "\n",
    ];

    [Fact]
    public void Every_detector_has_registered_itself() =>
        LineDetectors.Names.Should().Equal("driver", "gpu_off_bus", "gsp", "nvswitch", "oom_kill", "pcie_aer", "peer_memory", "process_fault", "sxid", "xid");

    [Theory]
    [InlineData("NVRM: GPU 0000:b3:00.0: GPU has fallen off the bus.", EventKinds.GpuOffBus, EventSeverity.Critical, "0000:b3:00.0")]
    [InlineData("NVRM: GPU at PCI:0000:b3:00: has fallen off the bus", EventKinds.GpuOffBus, EventSeverity.Critical, "0000:b3:00.0")]
    [InlineData("NVRM: _kgspLogXid119: ********************************* GSP Timeout **********************************", EventKinds.Gsp, EventSeverity.Warning, "")]
    [InlineData("NVRM: _kgspRpcRecvPoll: GSP RPC Timeout after 6s", EventKinds.Gsp, EventSeverity.Warning, "")]
    [InlineData("NVRM: _kgspIsHeartbeatTimedOut: Heartbeat timed out, currentTime: 5 heartbeat: 1", EventKinds.Gsp, EventSeverity.Critical, "")]
    [InlineData("NVRM: GPU 0000:b3:00.0: GSP heartbeat timeout", EventKinds.Gsp, EventSeverity.Critical, "0000:b3:00.0")]
    [InlineData("NVRM: GPU 0000:b3:00.0: lost the heartbeat of the GSP", EventKinds.Gsp, EventSeverity.Critical, "0000:b3:00.0")]
    [InlineData("NVRM: API mismatch: the client has the version 550.54.15, but this kernel module has the version 535.161.08.", EventKinds.Driver, EventSeverity.Warning, "")]
    [InlineData("NVRM: loading NVIDIA UNIX x86_64 Kernel Module  580.105.08  Wed Oct 29 23:15:11 UTC 2025", EventKinds.Driver, EventSeverity.Info, "")]
    [InlineData("NVRM: loading NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build  (dvs-builder@U22-I3-B17-02-5)", EventKinds.Driver, EventSeverity.Info, "")]
    [InlineData("NVRM: loading NVIDIA UNIX x86_64 Kernel Module  580.105.08", EventKinds.Driver, EventSeverity.Info, "")]
    [InlineData("NVRM: GPU 0000:01:00.0: RmInitAdapter failed! (0x24:0x65:1436)", EventKinds.Driver, EventSeverity.Critical, "0000:01:00.0")]
    [InlineData("nvidia-nvswitch0: Failed to initialize NVSwitch device", EventKinds.Nvswitch, EventSeverity.Warning, "")]
    [InlineData("nvidia-peermem nv_get_p2p_free_callback:127 ERROR detected invalid context, skipping further processing", EventKinds.PeerMemory, EventSeverity.Warning, "")]
    [InlineData("ib_core: nv_peer_mem failed to register", EventKinds.PeerMemory, EventSeverity.Warning, "")]
    [InlineData("python3[4242]: segfault at 0 ip 00007f0 sp 00007ffd error 4 in libnccl.so.2.18.3[7f0000+1000]", EventKinds.ProcessFault, EventSeverity.Info, "")]
    [InlineData("traps: python3[4242] general protection fault ip:7f sp:7f error:0 in libcuda.so.535.161[7f+1000]", EventKinds.ProcessFault, EventSeverity.Info, "")]
    [InlineData("nvidia 0000:91:00.0: PCIe Bus Error: severity=Uncorrected (Fatal), type=Transaction Layer, (Requester ID)", EventKinds.PcieAer, EventSeverity.Critical, "0000:91:00.0")]
    [InlineData("nvidia 0000:91:00.0: AER: PCIe Bus Error: severity=Correctable, type=Physical Layer, (Receiver ID)", EventKinds.PcieAer, EventSeverity.Info, "0000:91:00.0")]
    public void A_line_is_understood(string text, string kind, EventSeverity severity, string address)
    {
        var sighting = KernelLines.Read(text)!;

        sighting.Kind.Should().Be(kind);
        sighting.Severity.Should().Be(severity);
        (sighting.Gpu?.PciBusId ?? "").Should().Be(address);
        sighting.Title.Should().NotBeEmpty();
    }

    [Theory]
    [InlineData("nvidia-nvswitch2: open (major=510)")]
    [InlineData("NVRM: GPU at PCI:0000:9b:00: GPU-509665ad-b600-ac93-3616-d754b23d636d")]
    [InlineData("NVRM: GPU4 GSP RPC buffer contains function 103 (GSP_RM_ALLOC) and data 0x0000000000002081 0x0000000000000004.")]
    [InlineData("NVRM:     -1    4124 GSP_LOCKDOWN_NOTICE   0x0000000000000000 0x0000000000000000 0x00062e099220bc3a 0x00062e099220bc3a")]
    [InlineData("IPv6: ADDRCONF(NETDEV_CHANGE): eth0: link becomes ready")]
    [InlineData("nvme 0000:02:00.0: PCIe Bus Error: severity=Corrected, type=Physical Layer, (Receiver ID)")]
    [InlineData("pcieport 0000:00:1c.0: AER: Corrected error received: 0000:02:00.0")]
    [InlineData("python3[4242]: segfault at 0 ip 00007f0 sp 00007ffd error 4 in libc.so.6[7f0000+1000]")]
    [InlineData("Out of memory: Killed process 123 (python3) total-vm:1kB")]
    public void A_line_that_matters_to_no_GPU_is_passed_over(string text) => KernelLines.Read(text).Should().BeNull();

    [Theory]
    [InlineData("Out of memory: Killed process 123 (python3) total-vm:8kB, anon-rss:7kB", "node", "python3")]
    [InlineData("Memory cgroup out of memory: Killed process 123 (python3) total-vm:8kB", "cgroup", "python3")]
    [InlineData("Out of memory: Kill process 123 (python3) score 900 or sacrifice child", "node", "python3")]
    [InlineData("Out of memory: Killed process 123 (python3), UID 1000, total-vm:8kB", "node", "python3")]
    [InlineData("Out of memory: Killed process 123 (python3)", "node", "python3")]
    [InlineData("Out of memory: Killed process 123 (python3) in words of a kernel to come", "node", "python3")]
    [InlineData("Out of memory: Killed process 123 (ray::train()) total-vm:8kB, anon-rss:7kB", "node", "ray::train()")]
    [InlineData("Memory cgroup out of memory: Killed process 123 (ray::train()), UID 0, total-vm:8kB", "cgroup", "ray::train()")]
    [InlineData("Out of memory: Kill process 123 (a) b (c) score 900 or sacrifice child", "node", "a) b (c")]
    [InlineData("Out of memory (oom_kill_allocating_task): Killed process 123 (python3) total-vm:8kB", "node", "python3")]
    public void A_killed_process_that_used_a_GPU_is_an_event_of_that_GPU(string text, string limit, string name)
    {
        var context = LineContext.None with { GpuOfProcess = static pid => pid == 123 ? new GpuReference(5, "GPU-5") : null };

        var sighting = KernelLines.Read(text, context)!;

        sighting.Gpu.Should().Be(new GpuReference(5, "GPU-5"));
        sighting.Process.Should().Be(new ProcessReference(123, name));
        sighting.Details!["limit"].Should().Be(limit);
    }

    [Theory]
    [InlineData("pcieport 0000:00:01.0: AER: Uncorrected (Fatal) error received: 0000:91:00.0", "device", "0000:91:00.0", EventSeverity.Critical)]
    [InlineData("pcieport 0000:00:01.0: AER: Uncorrectable (Non-Fatal) error message received from 0000:00:01.0", "bridge", "0000:91:00.0", EventSeverity.Warning)]
    [InlineData("pcieport 0000:00:01.0: PCIe Bus Error: severity=Corrected, type=Physical Layer, (Receiver ID)", "bridge", "0000:91:00.0", EventSeverity.Info)]
    public void An_error_of_a_bridge_says_so_and_names_the_device_behind_it(string text, string at, string gpu, EventSeverity severity)
    {
        var context = LineContext.None with
        {
            Pci = static address => address switch
            {
                "0000:91:00.0" => new PciPlace(PciRole.Nvidia, ["0000:91:00.0"]),
                "0000:00:01.0" => new PciPlace(PciRole.Bridge, ["0000:91:00.0"]),
                _ => new PciPlace(PciRole.Other, []),
            },
        };

        var sighting = KernelLines.Read(text, context)!;

        sighting.Details!["at"].Should().Be(at);
        sighting.Gpu!.PciBusId.Should().Be(gpu);
        sighting.Severity.Should().Be(severity);
    }

    [Fact]
    public void Any_text_at_all_does_no_harm() =>
        Prop.ForAll(Gen.Elements(Pieces).ListOf().Select(static pieces => string.Concat(pieces)).ToArbitrary(), static text => _ = KernelLines.Read(text))
            .Check(Fuzzing.Cases(2000));

    [Fact]
    public void A_log_of_a_real_node_without_trouble_is_silent_and_one_with_peer_memory_errors_tells_them()
    {
        Lines("kmsg.1.log").Select(static text => KernelLines.Read(text)).Should().OnlyContain(static sighting => sighting == null);
        Lines("kmsg.2.peermem.log").Select(static text => KernelLines.Read(text)).OfType<Sighting>().Should().HaveCount(7).And.OnlyContain(static sighting => sighting.Kind == EventKinds.PeerMemory);
    }

    private static IEnumerable<string> Lines(string name) =>
        File.ReadLines(Requirement.SharedData("node-files", "pkg", "kmsg", "testdata", name)).Select(static line => line[(line.IndexOf(';') + 1)..]);
}
