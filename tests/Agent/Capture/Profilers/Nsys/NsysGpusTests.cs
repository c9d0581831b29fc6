using FluentAssertions;
using Monitoring.Agent.Capture.Profilers;
using Monitoring.Agent.Capture.Profilers.Nsys;
using Monitoring.Contracts.Captures;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Profilers.Nsys;

public sealed class NsysGpusTests
{
    private const string Help = "Possible --gpu-metrics-devices values are:\n\t0: NVIDIA H100 80GB HBM3 PCI[0000:19:00.0]\n\t1: NVIDIA H100 80GB HBM3 PCI[0000:3b:00.0]\n\tall: Select all supported GPUs\n\tnone: Disable GPU Metrics [Default]\n";

    private static readonly NsysInstallation Newer = new("/opt/nsys", "2024.7.1.84", NsysOptions.Read("\t--gpu-metrics-devices=\n"), NsysOptions.Read("\t--gpu-metrics-devices=\n\t--gpu-metrics-frequency=\n\t--discard-environment=\n"), NsysOptions.Read(""));
    private static readonly NsysInstallation Older = new("/opt/nsys", "2022.4.2.1-df9881f", NsysOptions.Read("\t--gpu-metrics-device=\n"), NsysOptions.Read("\t--gpu-metrics-device=\n"), NsysOptions.Read(""));

    [Fact]
    public void The_gpus_of_the_list_are_read_and_all_and_none_are_none() => NsysGpus.Read(Help).Should().Equal(new NsysGpu(0, "0000:19:00.0"), new NsysGpu(1, "0000:3b:00.0"));

    [Theory]
    [InlineData("00000000:3B:00.0", "1")]
    [InlineData("00000000:5E:00.0", "all")]
    [InlineData("", "all")]
    public void One_gpu_is_chosen_by_where_it_is_on_the_bus(string pciBusId, string choice) =>
        NsysGpus.Choice(NsysGpus.Read(Help), new CaptureScope([new CapturedGpu(7, "GPU-7", PciBusId: pciBusId)], [], false)).Should().Be(choice);

    [Fact]
    public void A_plan_uses_the_names_that_this_version_has()
    {
        var scope = new CaptureScope([], [], CpuSampling: false);

        NsysSystemPlan.Of(Newer, scope, Help, "").Plan!.Arguments(Newer, new NsysSettings(), "agent-1", "/s/r.nsys-rep").Should().Equal(
            "--session-new=agent-1", "--sample=none", "--cpuctxsw=none", "--gpu-metrics-devices=all", "--gpu-metrics-frequency=10000", "--discard-environment=true", "--force-overwrite=true", "--output=/s/r.nsys-rep");
        NsysSystemPlan.Of(Older, scope, Help, "").Plan!.Arguments(Older, new NsysSettings(), "agent-1", "/s/r.nsys-rep").Should().Equal(
            "--session-new=agent-1", "--sample=none", "--cpuctxsw=none", "--gpu-metrics-device=all", "--force-overwrite=true", "--output=/s/r.nsys-rep");
    }

    [Fact]
    public void Processors_are_not_sampled_by_a_version_that_hangs_then_nor_without_the_right_to()
    {
        var scope = new CaptureScope([], [], CpuSampling: true);

        NsysSystemPlan.Of(Older, scope, Help, "").Plan.Should().Be(new NsysSystemPlan("all", HasCpuSamples: false));
        NsysSystemPlan.Of(Newer, scope, Help, "").Plan.Should().Be(new NsysSystemPlan("all", HasCpuSamples: true));
        NsysSystemPlan.Of(Newer, scope, Help, "no right").Should().Match<(NsysSystemPlan? Plan, ProfilerAbility Ability)>(answer => answer.Plan == new NsysSystemPlan("all", false) && answer.Ability.Words == "GPU metrics; no right");
        NsysSystemPlan.Of(Older, scope, "NVIDIA GPUs not found, feature is not available", "").Ability.Should()
            .Be(new ProfilerAbility(false, CaptureRefusal.ProfilerUnable, "nsys sees no GPU whose metrics it can sample, and nsys 2022.4.2.1 hangs when it samples processors: install 2023.4 or newer", Older.Version));
    }

    [Theory]
    [InlineData("GPU Metrics sampling hardware unit is already in use by another instance of NVIDIA Nsight Systems or other tool. The conflict can occur within the OS as well as containers, VMs and hypervisor.", CaptureRefusal.PerfmonBusy)]
    [InlineData("The user running nsys does not have permission to access NVIDIA GPU Performance Counters on the target device. For more details, please visit https://developer.nvidia.com/ERR_NVGPUCTRPERM", CaptureRefusal.ProfilerUnable)]
    [InlineData("GPU metrics collection disabled due to Confidential Compute mode.", CaptureRefusal.ProfilerUnable)]
    [InlineData("NVIDIA GPUs not found, feature is not available", null)]
    public void What_nsys_says_is_a_refusal_with_a_remedy(string text, CaptureRefusal? refusal) => NsysRefusals.Read(text, "1")?.Refusal.Should().Be(refusal);
}
