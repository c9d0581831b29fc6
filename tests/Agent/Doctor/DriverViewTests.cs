using FluentAssertions;
using Monitoring.Agent.Doctor;
using Xunit;

namespace Monitoring.Tests.Agent.Doctor;

[Collection(SimulatedDriverTests.Name)]
public sealed class DriverViewTests
{
    [Fact]
    public void The_driver_is_asked_who_its_gpus_are()
    {
        using var driver = new SimulatedDriver("h100", 2);

        var view = DriverView.Ask(driver.Node.LibraryPath, TimeProvider.System);

        view.Should().Match<DriverView>(seen => seen.HasLibrary && seen.Trouble.Length == 0 && seen.Version == driver.Library.DriverVersion && seen.CudaVersion.Length > 0);
        view.Gpus.Select(static gpu => gpu.Index).Should().Equal(0, 1);
        view.Gpus.Should().OnlyContain(static gpu => gpu.Model.Contains("H100") && gpu.PciBusId.Length > 10 && gpu.IsPersistent != null && gpu.Trouble.Length == 0 && !gpu.IsMig);
    }

    [Fact]
    public void A_gpu_that_is_lost_is_told_and_the_others_are_shown()
    {
        using var driver = new SimulatedDriver("h100", 2);
        driver.Node.Gpus[1].IsLost = true;

        var view = DriverView.Ask(driver.Node.LibraryPath, TimeProvider.System);

        view.Gpus.Should().HaveCount(2);
        view.Gpus[0].Trouble.Should().BeEmpty();
        view.Gpus[1].Trouble.Should().NotBeEmpty();
    }
}
