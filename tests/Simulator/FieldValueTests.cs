using FluentAssertions;
using Monitoring.Simulator;
using Monitoring.Simulator.NodeProfiles;
using Xunit;
using static Monitoring.Tests.Simulator.NvmlClient;

namespace Monitoring.Tests.Simulator;

public sealed class FieldValueTests
{
    private const int UnsignedInt = 1;
    private const int UnsignedLongLong = 3;
    private const int SignedInt = 5;

    [Theory]
    [InlineData("570.86.10", "12.8", null)]
    [InlineData("575.51.03", "12.9", 251)]
    [InlineData("580.65.06", "13.0", 251)]
    [InlineData("580.95.05", "13.0", 269)]
    [InlineData("590.48.01", "13.1", 269)]
    public void Throttle_counters_have_the_ids_of_the_driver_version(string driver, string cuda, int? first)
    {
        using var test = new NodeUnderTest(NodeProfile.Parse("driver.yaml", $$"""
            system: {driver_version: "{{driver}}", cuda_version: "{{cuda}}"}
            device_defaults: {name: Any, architecture: hopper}
            """), 1);
        test.Gpu.Write((ref state) => (state.EventReasonNanoseconds[0], state.EventReasonNanoseconds[1], state.EventReasonNanoseconds[2]) = (11, 22, 33));
        var values = test.Nvml.ReadFields(test.Handle, [.. Enumerable.Range(251, 23).Select(id => ((uint)id, 0u))]);
        for (var id = 251; id <= 273; id++)
        {
            var (result, value, type) = values[id - 251];
            if (first is { } start && id >= start && id < start + 3)
                (result, value, type).Should().Be((Success, (ulong)(11 * (id - start + 1)), UnsignedLongLong), $"field {id}");
            else
                result.Should().BeOneOf([NotSupported, InvalidArgument], $"field {id}");
        }
    }

    [Fact]
    public void Each_entry_has_its_own_result_and_type()
    {
        using var test = new NodeUnderTest();
        test.Gpu.TemperatureCelsius = 60;
        test.Gpu.MemoryTemperatureCelsius = 71;
        test.Gpu.PowerMilliwatts = 500_000;
        test.Gpu.SetFieldResult(94, DriverResult.NoPermission);
        var values = test.Nvml.ReadFields(test.Handle, (82, 0), (186, 0), (193, 0), (94, 0), (0, 0), (511, 0), (230, 0), (186, 1));
        values.Select(value => value.Result).Should().Equal(Success, Success, Success, NoPermission, InvalidArgument, InvalidArgument, Success, NotSupported);
        (values[0].Value, values[0].Type).Should().Be((71ul, UnsignedInt));
        (values[1].Value, values[1].Type).Should().Be((500_000ul, UnsignedInt));
        ((int)values[2].Value, values[2].Type).Should().Be((-8, SignedInt));
    }

    [Fact]
    public void Nvlink_fields_take_a_link_or_the_sum_of_all()
    {
        using var test = new NodeUnderTest();
        test.Gpu.Write(static (ref state) =>
        {
            state.Links[0].TransmitKibibytes = 100;
            state.Links[1].TransmitKibibytes = 20;
            state.Links[1].ReceiveKibibytes = 7;
        });
        test.Gpu.AddLinkErrors(1, LinkError.Replay, 5);
        var values = test.Nvml.ReadFields(test.Handle, (138, 0), (138, 1), (138, uint.MaxValue), (139, uint.MaxValue), (138, 18), (161, 1), (52, 0), (47, 0), (91, 0), (165, 3), (166, 3));
        values.Select(value => value.Result).Should().Equal(0, 0, 0, 0, InvalidArgument, 0, 0, 0, 0, 0, 0);
        values.Select(value => value.Value).Should().Equal(100, 20, 120, 7, 0, 5, 5, 5, 18, 1, 6);
    }

    [Fact]
    public void A_link_that_is_down_says_so_and_counts_nothing()
    {
        using var test = new NodeUnderTest();
        test.Gpu.SetLinkUp(2, isUp: false);
        test.Node.Advance(TimeSpan.FromSeconds(3));
        var values = test.Nvml.ReadFields(test.Handle, (165, 2), (164, 2), (138, 2), (138, 3));
        values.Select(value => value.Value).Take(3).Should().Equal(0, 0, 0);
        values[3].Value.Should().BePositive();
        test.Gpu.SetLinkUp(2, isUp: true);
        test.Nvml.ReadFields(test.Handle, (165, 2))[0].Value.Should().Be(1);
    }

    [Fact]
    public void Blackwell_counts_nvlink_in_other_fields_than_hopper()
    {
        using var blackwell = new NodeUnderTest("b200", gpus: 1);
        using var hopper = new NodeUnderTest("h100", gpus: 1);
        (uint, uint)[] fields = [(161, 0), (208, 0)];
        blackwell.Nvml.ReadFields(blackwell.Handle, fields).Select(value => value.Result).Should().Equal(NotSupported, Success);
        hopper.Nvml.ReadFields(hopper.Handle, fields).Select(value => value.Result).Should().Equal(Success, NotSupported);
    }
}
