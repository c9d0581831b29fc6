using FluentAssertions;
using Monitoring.Dashboards.Generator.Prometheus;
using Xunit;

namespace Monitoring.Tests.Dashboards.Prometheus;

public sealed class XidListsTests
{
    /// <summary>EKS's fatal codes without those that have an alert of their own (54 cabling, 63 a successful remapping, 74, 79, 142, 151).</summary>
    private const string Fatal = "46|48|62|64|95|109|110|119|120|136|140|143|155|156|158";

    [Fact]
    public void The_catalogue_gives_the_published_lists()
    {
        XidLists.Fatal().Should().Be(Fatal);
        XidLists.OfRunbook("GpuFallenOffBus").Should().Be("79");
        XidLists.OfRunbook("GpuXidContainedMemoryError").Should().Be("94");
        XidLists.OfRunbook("GpuXidAppRepeated").Should().Be("13|31");
        XidLists.OfRunbook("GpuCorrectableEccStorm").Should().Be("92");
        XidLists.Nvlink(isAlwaysFatal: true).Should().Be("74");
        XidLists.Nvlink(isAlwaysFatal: false).Should().Be("144|145|146|147|148|149|150");
        XidLists.Repeated(ShippedRules.Values.XidsNotRepeated).Should().Be("46|48|62|64|79|95|110|136|140|143|155|156|158");
    }

    [Fact]
    public void A_fault_of_a_program_wakes_nobody()
    {
        foreach (var code in (string[])["13", "31", "43", "45", "63"])
            XidLists.Fatal().Split('|').Should().NotContain(code);
    }
}
