using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Agent.Devices;
using Xunit;

namespace Monitoring.Tests.Agent.Devices;

public sealed class GpuCountsTests
{
    [Fact]
    public void A_driver_that_begins_anew_takes_nothing_away()
    {
        var count = new PersistentCount();

        new double[] { 5, 7, 0, 2, 1 }.Select(count.Observe).Should().Equal(5, 7, 7, 9, 10);
    }

    [Fact]
    public void A_driver_that_can_count_at_last_goes_on_from_what_was_added_up()
    {
        var count = new PersistentCount();
        count.Advance(3);

        count.Observe(2).Should().Be(3);
        count.Observe(5).Should().Be(6);
        count.Advance(1).Should().Be(7);
    }

    [Fact]
    public void What_the_agent_adds_up_is_saved_ahead_while_it_grows()
    {
        var count = new PersistentCount();
        count.Advance(3);
        count.IsUrgent.Should().BeTrue();
        count.Save(ahead: 10).Value.Should().Be(13);
        count.Advance(4);
        count.IsUrgent.Should().BeFalse();
        count.Save(ahead: 10).Value.Should().Be(17);
        count.Save(ahead: 10).Value.Should().Be(7, "it stands still");
        count.Save(ahead: 0).Value.Should().Be(7);
    }

    /// <summary>A step: 0 the driver counts on, 1 it begins anew, 2 the agent adds up, 3 an orderly restart, 4 a sudden one.</summary>
    [Fact]
    public void It_never_falls() => Prop.ForAll(Gen.Choose(0, 4).SelectMany(static _ => Gen.Choose(0, 9), static (kind, amount) => (kind, amount)).ListOf().ToArbitrary(), static steps =>
    {
        var count = new PersistentCount();
        var saved = default(CountState);
        var (driver, shown) = (0.0, 0.0);
        foreach (var (kind, amount) in steps)
        {
            switch (kind)
            {
                case 0: driver += amount; break;
                case 1: driver = amount; break;
                case 2: count.Advance(amount / 10.0); break;
                case 3: count = new PersistentCount(count.Save(0)); break;
                case 4: count = new PersistentCount(saved); break;
            }
            if (kind < 2) count.Observe(driver);
            if (kind != 4 && (count.IsUrgent || kind == 1)) saved = count.Save(1);
            if (kind == 0) saved = count.Save(1);
            if (count.State.Value < shown) return false;
            shown = count.State.Value;
            if (kind == 3) saved = count.Save(1);
        }
        return true;
    }).Check(Fuzzing.Cases(100));
}
