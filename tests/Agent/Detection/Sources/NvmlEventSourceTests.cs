using FluentAssertions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Sources;
using Monitoring.Agent.Devices;
using Monitoring.Contracts.Events;
using Monitoring.Contracts.Xid;
using Monitoring.Simulator;
using Monitoring.Tests.Agent.Sampling;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Sources;

[Collection(SimulatedDriverTests.Name)]
public sealed class NvmlEventSourceTests
{
    private static readonly GpuIdentity Gpu = new(3, "GPU-1", "NVIDIA H100", "hopper", "", "S1", "", "00000000:1B:00.0", "");

    [Fact]
    public void An_xid_of_the_drivers_queue_reaches_the_sightings()
    {
        using var driver = new SimulatedDriver("h100", 1);
        var queue = new SightingQueue();
        var registrations = driver.Node.CallsOf("nvmlDeviceRegisterEvents");
        using var node = new RunningSampler(driver);
        var source = new NvmlEventSource(node.Sampler, driver.Time);
        source.Start(queue, cursor: null);
        Eventually.Holds("the GPU is asked for events", () => driver.Node.CallsOf("nvmlDeviceRegisterEvents") > registrations);
        driver.Node.Gpus[0].RaiseEvent(GpuEventType.Clock);
        driver.Node.Gpus[0].RaiseEvent(GpuEventType.Xid, 79);
        object? item = null;
        Eventually.Holds("a sighting comes", () => queue.TryTake(out item));
        source.Stop();

        var sighting = item.Should().BeOfType<Sighting>().Subject;
        (sighting.Source, sighting.Kind, sighting.Code, sighting.Gpu!.Uuid).Should().Be(("nvml", EventKinds.Xid, 79, driver.Node.Gpus[0].Uuid));
        sighting.Gpu.PciBusId.Should().Be("00000000:1B:00.0");
        queue.TryTake(out _).Should().BeFalse("clocks are only counted");
        node.Sampler.DriverEvents.Count(driver.Node.Gpus[0].Uuid, DriverEventType.Clock).Should().Be(1);
    }

    [Theory]
    [InlineData(DriverEventType.DoubleBitEcc, EventKinds.Ecc, EventSeverity.Critical, Components.Memory)]
    [InlineData(DriverEventType.SingleBitEccStorm, EventKinds.Ecc, EventSeverity.Warning, Components.Memory)]
    [InlineData(DriverEventType.DramRetirement, EventKinds.Ecc, EventSeverity.Warning, Components.Memory)]
    [InlineData(DriverEventType.DramRetirementFailure, EventKinds.Ecc, EventSeverity.Critical, Components.Memory)]
    [InlineData(DriverEventType.NonFatalPoison, EventKinds.Ecc, EventSeverity.Warning, Components.Memory)]
    [InlineData(DriverEventType.FatalPoison, EventKinds.Ecc, EventSeverity.Critical, Components.Memory)]
    [InlineData(DriverEventType.GpuUnavailable, EventKinds.Availability, EventSeverity.Critical, Components.Driver)]
    [InlineData(DriverEventType.GpuRecoveryAction, EventKinds.RecoveryAction, EventSeverity.Warning, Components.Driver)]
    [InlineData(DriverEventType.PowerSourceChange, EventKinds.PowerSource, EventSeverity.Info, Components.Power)]
    [InlineData(DriverEventType.MigConfigChange, EventKinds.MigChange, EventSeverity.Info, "")]
    public void Each_type_has_its_kind(object type, string kind, object severity, string component)
    {
        var sighting = NvmlEventSource.SightingOf(Told((DriverEventType)type))!;
        (sighting.Kind, sighting.Severity, sighting.Component).Should().Be((kind, (EventSeverity)severity, component));
        sighting.Code.Should().BeNull("data is an XID for that type alone");
        sighting.Gpu.Should().Be(new GpuReference(3, "GPU-1", "S1", "00000000:1B:00.0"));
    }

    [Theory]
    [InlineData(DriverEventType.SingleBitEcc)]
    [InlineData(DriverEventType.PerformanceState)]
    [InlineData(DriverEventType.Clock)]
    [InlineData((DriverEventType)0x40_0000)]
    public void Noisy_and_unknown_types_make_no_event(object type) => NvmlEventSource.SightingOf(Told((DriverEventType)type)).Should().BeNull();

    [Fact]
    public void An_xid_is_what_the_catalogue_says_of_it()
    {
        var sighting = NvmlEventSource.SightingOf(Told(DriverEventType.Xid))!;
        var entry = XidCatalogue.Describe(79);

        (sighting.Code, sighting.Severity, sighting.SuggestedAction, sighting.Runbook).Should().Be((79, entry.Severity, entry.SuggestedAction, entry.Runbook));
        sighting.Title.Should().Be($"XID 79: {entry.Title}");
        NvmlEventSource.SightingOf(Told(DriverEventType.Xid) with { Data = 9999 })!.Severity.Should().Be(EventSeverity.Unknown);
    }

    [Fact]
    public void An_xid_whose_number_is_not_told_says_so_and_instances_are_details()
    {
        var sighting = NvmlEventSource.SightingOf(Told(DriverEventType.Xid) with { Data = 999, GpuInstance = 2, ComputeInstance = 0 })!;
        sighting.Title.Should().Be("XID whose number the driver does not tell");
        sighting.Details.Should().Contain("mig_gi", "2").And.Contain("mig_ci", "0").And.Contain("driver_event", "xid");
    }

    [Fact]
    public void Binding_names_no_gpu_but_the_drivers_id() =>
        NvmlEventSource.SightingOf(Told(DriverEventType.DriverUnbind) with { Gpu = null })!.Details.Should().Contain("driver_gpu_id", "79");

    [Fact]
    public void Events_beyond_what_is_kept_are_dropped_and_a_gap_says_how_many()
    {
        var outlet = new SightingOutlet("nvml", new ManualTimeProvider());
        var queue = new SightingQueue();
        for (var i = 0; i < SightingOutlet.Capacity + 7; i++) outlet.Offer(NvmlEventSource.SightingOf(Told(DriverEventType.Xid))!);
        outlet.Dropped.Should().Be(7);
        outlet.Start(queue);
        outlet.Stop();
        List<Sighting> taken = [];
        while (queue.TryTake(out var item)) taken.Add((Sighting)item);
        taken.Should().HaveCount(SightingOutlet.Capacity + 1);
        taken.Single(static sighting => sighting.Kind == EventKinds.Gap).Values.Single().Value.Should().Be(7);
    }

    private static DriverEvent Told(DriverEventType type) => new(0, type, 79, Gpu, null, null, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
}
