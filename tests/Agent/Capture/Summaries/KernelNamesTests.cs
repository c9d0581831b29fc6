using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Capture.Summaries;
using Xunit;

namespace Monitoring.Tests.Agent.Capture.Summaries;

public sealed class KernelNamesTests
{
    [Theory]
    [InlineData("ampere_sgemm_32x32_sliced1x4_tn", "ampere_sgemm_32x32_sliced1x4_tn")]
    [InlineData("void at::native::(anonymous namespace)::distribution_kernel<float, 4>(int, T)", "distribution_kernel")]
    [InlineData("void cutlass::Kernel2<cutlass_80_tensorop>(T1::Params)", "Kernel2")]
    [InlineData("ncclDevKernel_AllReduce_Sum_f16_RING_LL(ncclDevKernelArgsStorage<(unsigned long)4096>)", "ncclDevKernel_AllReduce_Sum_f16_RING_LL")]
    [InlineData("std::enable_if<(a > 2), void>::type my::kernel<int>(int)", "kernel")]
    [InlineData("void Outer<int>::run(float*)", "run")]
    [InlineData("void gen<decltype(a->b)>(int)", "gen")]
    [InlineData("void ns::operator()(int)", "void ns::operator()(int)")]
    [InlineData("<backward op>", "<backward op>")]
    [InlineData("void cut<in<the", "cut")]
    [InlineData("", "")]
    public void A_short_name_is_the_name_alone(string name, string expected) => KernelNames.Short(name).Should().Be(expected);

    [Fact]
    public void Any_name_has_a_short_one_that_is_part_of_it() =>
        Prop.ForAll(Arb.From(Gen.Elements("a", "::", "<", ">", "(", ")", " ", "->", "(anonymous namespace)", "operator").ListOf().Select(static parts => string.Concat(parts))), static name =>
            name.Contains(KernelNames.Short(name), StringComparison.Ordinal).Should().BeTrue()).Check(Fuzzing.Cases(100));

    [Theory]
    [InlineData("ncclDevKernel_AllReduce_Sum_f16_RING_LL", "all_reduce")]
    [InlineData("ncclKernel_ReduceScatter_RING_LL_Sum_float", "reduce_scatter")]
    [InlineData("ncclDevKernel_AllGather_RING_LL", "all_gather")]
    [InlineData("ncclKernel_SendRecv_RING_SIMPLE_Sum_int8_t", "send_receive")]
    [InlineData("ncclKernel_Reduce_RING_LL_Sum_float", "reduce")]
    [InlineData("ncclDevKernel_Generic", "other")]
    public void A_collective_is_known_by_its_kernel(string name, string expected)
    {
        KernelNames.IsNccl(name).Should().BeTrue();
        KernelNames.Collective(name).Should().Be(expected);
    }

    [Theory]
    [InlineData("cudaLaunchKernel_v7000", "cudaLaunchKernel")]
    [InlineData("cuLaunchKernel", "cuLaunchKernel")]
    [InlineData("cudaMemcpy_v", "cudaMemcpy_v")]
    [InlineData("_v3020", "_v3020")]
    public void A_call_has_no_version(string name, string expected) => KernelNames.ApiCall(name).Should().Be(expected);
}
