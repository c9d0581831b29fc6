using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Monitoring.Simulator.NodeProfiles;
using Xunit;

namespace Monitoring.Tests.Simulator;

public sealed class ProfileTests
{
    public static TheoryData<string> BuiltIn => [.. NodeProfile.BuiltIn];

    [Fact]
    public void The_simulator_brings_the_profiles_that_it_promises() =>
        NodeProfile.BuiltIn.Should().Equal("a100", "b200", "h100", "h100-mig", "h200", "t4");

    [Theory]
    [MemberData(nameof(BuiltIn))]
    public void A_built_in_profile_can_be_played_whole(string name)
    {
        NodeProfile.Load(name).Unplayed.Should().BeEmpty();
        using var test = new NodeUnderTest(name, gpus: 16);
        test.Node.Advance(TimeSpan.FromSeconds(30));
        test.Node.Gpus.Select(gpu => gpu.Uuid).Should().OnlyHaveUniqueItems();
        test.Node.Gpus.Select(static gpu => (gpu.State.PciDomain, gpu.State.PciBus, gpu.State.PciDevice)).Should().OnlyHaveUniqueItems();
        test.Gpu.PowerMilliwatts.Should().BePositive().And.BeLessThanOrEqualTo((uint)(test.Gpu.PowerLimitMilliwatts! * 1.02));
        test.Gpu.TemperatureCelsius.Should().BeInRange(20, 86);
    }

    [Theory]
    [InlineData("mock-nvml-config-a100.yaml", "NVIDIA A100-SXM4-40GB", 72_000)]
    [InlineData("mock-nvml-config-b200.yaml", "NVIDIA B200", 130_000)]
    [InlineData("mock-nvml-config-h100.yaml", "NVIDIA H100 80GB HBM3", 95_000)]
    [InlineData("mock-nvml-config-t4.yaml", "NVIDIA T4", 12_000)]
    public void The_profiles_of_the_mock_that_others_use_can_be_played_as_they_are(string file, string gpu, int milliwatts)
    {
        using var test = new NodeUnderTest(Requirement.SharedData("gpu-profiles", file), gpus: 4);
        test.Nvml.ReadText("nvmlDeviceGetName", test.Handle).Text.Should().Be(gpu);
        test.Nvml.ReadUInt("nvmlDeviceGetPowerUsage", test.Handle).Should().Be((0, (uint)milliwatts));
        test.Node.Advance(TimeSpan.FromSeconds(10));
        test.Gpu.PowerMilliwatts!.Value.Should().BeCloseTo((uint)milliwatts, (uint)milliwatts / 50, "nothing runs on it");
        test.Node.Profile.Unplayed.Should().OnlyContain(key => key.StartsWith(Path.GetDirectoryName(Requirement.SharedData("gpu-profiles", file))!, StringComparison.Ordinal));
    }

    [Fact]
    public void Identities_of_a_file_hold_for_seed_0_and_another_seed_is_another_machine()
    {
        var file = Requirement.SharedData("gpu-profiles", "mock-nvml-config-h100.yaml");
        using var own = new NodeUnderTest(file, gpus: 1);
        using var other = new NodeUnderTest(file, gpus: 1, seed: 7);
        own.Gpu.Uuid.Should().Be("GPU-01000100-0000-0000-0000-000000000000");
        other.Gpu.Uuid.Should().NotBe(own.Gpu.Uuid).And.MatchRegex("^GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$");
    }

    [Fact]
    public void Every_error_of_a_profile_is_told_at_once_with_line_key_value_and_expectation()
    {
        var act = () => NodeProfile.Parse("bad.yaml", """
            system:
              driver_version: "abc"
            device_defaults:
              name: Broken
              architecture: volcanic
              memory: {total_bytes: -5}
              power: 12
              pci: {bus_id: "zz"}
              mig: {max_gpu_instances: 2, profiles: [{slot: 1_slice, name: 1g}], instances: [{profile: 9g}]}
              simulation:
                workload: party
                not_supported: [nvmlDeviceGetMood]
                results: {nvmlDeviceGetPowerUsage: angry}
                fields_not_supported: [9-3]
                colour: blue
            devices:
              - {index: 99}
            """);
        GoldenFile.Check("Simulator/profile-errors.txt", string.Join('\n', act.Should().Throw<ProfileException>().Which.Errors) + "\n");
    }

    [Theory]
    [InlineData("a: [b", "bad.yaml:2: is not YAML*")]
    [InlineData("", "bad.yaml:1: device_defaults.name is 'absent', expected the product name*")]
    [InlineData("- a", "bad.yaml:1: device_defaults.name is 'absent'*")]
    public void A_file_that_is_no_profile_is_refused(string text, string expected)
    {
        var act = () => NodeProfile.Parse("bad.yaml", text);
        act.Should().Throw<ProfileException>().WithMessage(expected);
    }

    [Fact]
    public void A_device_without_a_number_is_refused()
    {
        var act = () => NodeProfile.Parse("bad.yaml", "version: \"1.0\"\ndevice_defaults: {name: Some GPU}\ndevices:\n  - {index: N/A}\n");
        act.Should().Throw<ProfileException>().WithMessage("*bad.yaml:4: devices[0].index is 'N/A', expected a number from 0 to *");
    }

    [Fact]
    public void A_profile_that_does_not_exist_is_refused_with_those_that_do()
    {
        var act = () => NodeProfile.Load("h1000");
        act.Should().Throw<ProfileException>().WithMessage("profile is 'h1000', expected*a100, b200, h100, h100-mig, h200, t4");
    }

    [Fact]
    public void Whatever_is_done_to_a_profile_it_is_played_or_refused_in_words()
    {
        var text = File.ReadAllText(RepositoryRoot.Combine("simulator", "profiles", "h100-mig.yaml"));
        var change = from at in Gen.Choose(0, text.Length - 1)
                     from length in Gen.Choose(0, 12)
                     from inserted in Gen.Elements("", "-1", "99999999999999999999", ":", "[", "}", "\n", "  ", "N/A", "null", "&a", "*a", "\u20ac", "\0", "0x", "1e999", "NaN", "!!binary x")
                     select text[..at] + inserted + text[Math.Min(text.Length, at + length)..];
        Prop.ForAll(change.ToArbitrary(), changed =>
        {
            try
            {
                return NodeProfile.Parse("changed.yaml", changed).GpuName.Length > 0;
            }
            catch (ProfileException exception)
            {
                return exception.Errors.Count > 0 && exception.Errors.All(error => error.StartsWith("changed.yaml:", StringComparison.Ordinal));
            }
        }).Check(Fuzzing.Cases(300));
    }
}
