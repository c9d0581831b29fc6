using System.Text.Json;
using FluentAssertions;
using Monitoring.Agent.Detection;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Detection;

public sealed class GpuDirectoryTests
{
    private static readonly GpuReference Gpu3 = new(3, "GPU-3", "1653", "00000000:91:00.0");
    private static readonly GpuReference Gpu4 = new(4, "GPU-4", "1654", "00000000:A1:00.0");

    private readonly GpuDirectory gpus = new();

    [Fact]
    public void What_an_address_an_index_or_a_serial_leaves_open_is_filled_in()
    {
        gpus.Add(Gpu3);
        gpus.Complete(new GpuReference(PciBusId: "0000:91:00")).Should().Be(Gpu3);
        gpus.Complete(new GpuReference(3)).Should().Be(Gpu3);
        gpus.Complete(new GpuReference(Serial: "1653")).Should().Be(Gpu3);
        gpus.Complete(new GpuReference(PciBusId: "0000:92:00")).Should().Be(new GpuReference(PciBusId: "0000:92:00"));
    }

    [Fact]
    public void The_next_life_in_the_boot_knows_them()
    {
        gpus.Add(Gpu3);
        gpus.Add(Gpu4);
        var kept = gpus.TakeNews("boot-1")!.Value;

        var next = new GpuDirectory();
        next.Restore(kept, "boot-1");

        next.Complete(new GpuReference(PciBusId: Gpu4.PciBusId)).Should().Be(Gpu4);
        next.TakeNews("boot-1").Should().BeNull("nothing is new");
    }

    [Theory]
    [InlineData("boot-2")]
    [InlineData("")]
    public void Another_boot_does_not(string bootId)
    {
        gpus.Add(Gpu3);
        var kept = gpus.TakeNews(bootId == "" ? "" : "boot-1")!.Value;

        var next = new GpuDirectory();
        next.Restore(kept, bootId);

        next.Complete(new GpuReference(3)).Should().Be(new GpuReference(3));
    }

    [Fact]
    public void What_is_known_already_is_no_news_and_what_changed_is()
    {
        gpus.TakeNews("boot-1").Should().BeNull();
        gpus.Add(Gpu3);
        gpus.TakeNews("boot-1").Should().NotBeNull();
        gpus.Add(Gpu3);
        gpus.TakeNews("boot-1").Should().BeNull();
        gpus.Add(Gpu3 with { Index = 2 });
        gpus.TakeNews("boot-1").Should().NotBeNull();
    }

    [Fact]
    public void A_gpu_that_events_alone_name_is_not_kept_as_one_of_this_boot_until_it_is_there()
    {
        gpus.Learn(Gpu3).Should().BeTrue();
        gpus.TakeNews("boot-1").Should().BeNull();
        gpus.Add(Gpu4);
        Kept(gpus.TakeNews("boot-1")).Should().Equal("GPU-4");
        gpus.Add(Gpu3);
        Kept(gpus.TakeNews("boot-1")).Should().Equal("GPU-3", "GPU-4");
    }

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"boot_id": "boot-1"}""")]
    [InlineData("""{"boot_id": "boot-1", "gpus": 7}""")]
    [InlineData("""{"boot_id": "boot-1", "gpus": [null, {"uuid": null}, {"index": "x"}]}""")]
    [InlineData("""{"boot_id": "boot-1", "gpus": [null, {"uuid": null}, {}]}""")]
    public void What_cannot_be_read_is_as_nothing(string kept)
    {
        gpus.Restore(JsonDocument.Parse(kept).RootElement, "boot-1");
        gpus.Complete(new GpuReference(3)).Should().Be(new GpuReference(3));
    }

    private static IEnumerable<string?> Kept(JsonElement? news) => news!.Value.GetProperty("gpus").EnumerateArray().Select(static gpu => gpu.GetProperty("uuid").GetString());
}
