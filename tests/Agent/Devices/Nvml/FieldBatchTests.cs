using FluentAssertions;
using Monitoring.Agent.Devices.Nvml;
using Xunit;

namespace Monitoring.Tests.Agent.Devices.Nvml;

public sealed class FieldBatchTests
{
    private readonly FieldBatch batch = new();

    [Fact]
    public void A_field_is_fetched_from_the_instant_after_the_one_that_asked_for_it_first()
    {
        batch.Begin().Should().Be(0);
        batch.TryGet(186, 0, out _).Should().BeFalse();

        batch.Begin().Should().Be(1);
        batch.Values[0].FieldId.Should().Be(186);
        Answer(0, 700_000);
        batch.TryGet(186, 0, out var value).Should().BeTrue();
        value.Value.Should().Be(700_000);
    }

    [Fact]
    public void A_field_that_nobody_asked_for_in_the_last_instant_is_not_fetched()
    {
        batch.Begin();
        _ = batch.TryGet(186, 0, out _);
        _ = batch.TryGet(82, 0, out _);
        batch.Begin().Should().Be(2);
        _ = batch.TryGet(82, 0, out _);

        batch.Begin().Should().Be(1);
        batch.Values[0].FieldId.Should().Be(82);
        batch.TryGet(186, 0, out _).Should().BeFalse("it was dropped");
        batch.Begin().Should().Be(1, "it is wanted again, and 82 is not");
        batch.Values[0].FieldId.Should().Be(186);
    }

    [Fact]
    public void The_same_field_of_two_links_is_two_entries()
    {
        batch.Begin();
        _ = batch.TryGet(221, 0, out _);
        _ = batch.TryGet(221, 1, out _);
        batch.Begin().Should().Be(2);
        Answer(0, 3);
        Answer(1, 4);

        batch.TryGet(221, 1, out var second).Should().BeTrue();
        batch.TryGet(221, 0, out var first).Should().BeTrue();
        (first.Value, second.Value).Should().Be((3, 4));
    }

    [Fact]
    public void A_fetch_that_fails_as_a_whole_fails_every_entry()
    {
        batch.Begin();
        _ = batch.TryGet(186, 0, out _);
        batch.Begin();
        batch.Fetched(NvmlReturn.GpuIsLost);

        batch.TryGet(186, 0, out var value).Should().BeTrue();
        value.Return.Should().Be(NvmlReturn.GpuIsLost);
    }

    private void Answer(int place, uint value)
    {
        batch.Values[place].ValueType = 1;
        batch.Values[place].AsUInt32 = value;
    }
}
