using FluentAssertions;
using Monitoring.Agent.Devices.Nvml;
using Monitoring.Agent.Sampling;
using Monitoring.Simulator;
using Xunit;

namespace Monitoring.Tests.Agent.Sampling;

[Collection(SimulatedDriverTests.Name)]
public sealed class CounterLedgerTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(12);

    [Fact]
    public void Memory_errors_go_on_over_a_driver_reload_a_restart_and_a_reboot()
    {
        using var driver = new SimulatedDriver("h100", gpus: 1);
        var ledger = new CounterLedger(driver.Time);
        driver.Node.Gpus[0].AddEccErrors(EccError.Corrected, EccLocation.Dram, 5);
        Read(driver, ledger).Should().Be(5);

        driver.Node.Gpus[0].ResetVolatileEcc(); // the driver is loaded anew, and with it a new lane begins
        driver.Node.Gpus[0].AddEccErrors(EccError.Corrected, EccLocation.Dram, 2);
        Read(driver, ledger).Should().Be(7);

        ledger = Restarted(ledger, driver, "boot-1");
        Read(driver, ledger).Should().Be(7);

        driver.Node.Gpus[0].ResetVolatileEcc(); // a reboot, after which as many errors come as there were before
        driver.Node.Gpus[0].AddEccErrors(EccError.Corrected, EccLocation.Dram, 4);
        ledger = Restarted(ledger, driver, "boot-2");
        Read(driver, ledger).Should().Be(11);
    }

    [Fact]
    public void A_lane_that_is_stuck_does_not_touch_the_counts_of_its_successor()
    {
        var ledger = new CounterLedger(new ManualTimeProvider());
        var stuck = ledger.Attach("GPU-a").Of("errors");
        stuck.Observe(5);
        var successor = ledger.Attach("GPU-a").Of("errors");
        successor.Observe(9);

        stuck.Observe(5);

        successor.State.Value.Should().Be(9);
        ledger.Attach("GPU-a").Of("errors").State.Value.Should().Be(9);
    }

    [Fact]
    public void It_keeps_as_many_gpus_as_a_node_can_have()
    {
        var time = new ManualTimeProvider();
        var ledger = new CounterLedger(time);
        for (var gpu = 0; gpu < 100; gpu++)
        {
            ledger.Attach($"GPU-{gpu}").Of("errors").Observe(1);
            time.Advance(TimeSpan.FromHours(1));
        }
        var again = new CounterLedger(time);
        again.Restore(ledger.Save("boot", Interval), "boot");

        again.Attach("GPU-99").Of("errors").State.Value.Should().Be(1);
        again.Attach("GPU-0").Of("errors").State.Value.Should().Be(0);
    }

    [Fact]
    public void The_most_gpus_on_the_bus_outlive_a_restart_and_a_reboot_until_fewer_are_settled_on()
    {
        var ledger = new CounterLedger(new ManualTimeProvider());
        ledger.MostDevices.Should().BeNull();
        ledger.SeeDevices(8);
        ledger.IsUrgent.Should().BeTrue("a sudden end must not forget it");
        ledger.SeeDevices(7);
        var later = Later(ledger);
        ledger.IsUrgent.Should().BeFalse("it was saved");
        later.SeeDevices(7);
        later.MostDevices.Should().Be(8);
        later.IsUrgent.Should().BeFalse();
        later.SettleDevices(7);
        later.IsUrgent.Should().BeTrue();
        Later(later).MostDevices.Should().Be(7);

        static CounterLedger Later(CounterLedger ledger)
        {
            var next = new CounterLedger(new ManualTimeProvider());
            next.Restore(ledger.Save("boot-1", Interval), "boot-2");
            return next;
        }
    }

    [Fact]
    public void A_file_of_an_older_version_knows_no_number_of_gpus()
    {
        var ledger = new CounterLedger(new ManualTimeProvider());
        ledger.Restore(System.Text.Encoding.UTF8.GetBytes("""{"boot_id":"boot-1","gpus":[]}"""), "boot-1");
        ledger.MostDevices.Should().BeNull();
    }

    [Fact]
    public void What_is_no_ledger_is_refused()
    {
        foreach (var text in (string[])["", "null", "{}", "[]", """{"boot_id":"x","gpus":null}""", """{"boot_id":"x","gpus":[{"uuid":"GPU-a"}]}"""])
        {
            var restore = () => new CounterLedger(new ManualTimeProvider()).Restore(System.Text.Encoding.UTF8.GetBytes(text), "boot");
            restore.Should().Throw<System.Text.Json.JsonException>(text);
        }
    }

    private static double Read(SimulatedDriver driver, CounterLedger ledger)
    {
        driver.Library.DeviceHandle(0, out var device).Should().Be(NvmlReturn.Success);
        var gpu = new NvmlGpu(driver.Library, device, 0, driver.Clock, driver.Time, counts: ledger.Attach);
        gpu.BeginTick();
        return gpu.EccErrors(0, 2);
    }

    private static CounterLedger Restarted(CounterLedger ledger, SimulatedDriver driver, string boot)
    {
        var next = new CounterLedger(driver.Time);
        next.Restore(ledger.Save("boot-1", Interval), boot);
        return next;
    }
}
