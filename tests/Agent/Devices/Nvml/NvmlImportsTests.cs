using System.Reflection;
using FluentAssertions;
using Monitoring.Agent.Devices.Nvml;
using Xunit;

namespace Monitoring.Tests.Agent.Devices.Nvml;

public sealed class NvmlImportsTests
{
    [Fact]
    public void Every_import_can_be_asked_for_and_every_call_has_an_import()
    {
        var imports = typeof(NvmlImports).GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Select(static method => method.Name).Where(static name => name.StartsWith("nvml", StringComparison.Ordinal));

        imports.Distinct().Should().BeEquivalentTo(Enum.GetValues<NvmlCall>().Select(NvmlLibrary.SymbolOf));
    }

    [Theory]
    [InlineData(570, 0u)]
    [InlineData(575, 251u)]
    [InlineData(580, 0u)]
    [InlineData(590, 269u)]
    [InlineData(610, 269u)]
    [InlineData(0, 0u)]
    public void Renumbered_fields_are_read_only_where_the_driver_branch_leaves_no_doubt(int driverMajor, uint first) =>
        NvmlRenumberedField.FirstClocksEventReason(driverMajor).Should().Be(first);

    [Fact]
    public void A_code_of_a_newer_driver_is_an_answer_like_any_other()
    {
        ((NvmlReturn)77).Label.Should().Be("code_77");
        ((NvmlReturn)77).Explanation.Should().Be("code 77");
        ((NvmlReturn)77).IsAbsent.Should().BeFalse();
        NvmlReturn.GpuIsLost.Label.Should().Be("gpu_is_lost");
        NvmlReturn.InsufficientPower.Label.Should().Be("insufficient_power");
    }
}
