using System.Text;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Contracts.Events;

public sealed class EventJsonTests
{
    private static readonly EventRecord Record = new()
    {
        Id = EventId.Of("boot", "kmsg", "17"),
        Time = new DateTimeOffset(2026, 11, 21, 10, 0, 0, 123, 456, TimeSpan.Zero),
        BootId = "boot",
        Cluster = "c",
        Node = "n1",
        Gpu = new GpuReference(3, "GPU-1", "165", "0000:9b:00.0"),
        Kind = EventKinds.Xid,
        Code = 79,
        Severity = EventSeverity.Critical,
        Title = "GPU has fallen off the bus",
        Evidence = new EventEvidence { Sources = ["kmsg"], RawLine = "NVRM: Xid (PCI:0000:9b:00): 79", Values = [new("gpu_power_watts", 12.5, null)] },
    };

    [Fact]
    public void An_event_comes_back_as_it_was_written()
    {
        var text = EventJson.Write(Record);
        EventJson.Read(text).Should().BeEquivalentTo(Record);
        Encoding.UTF8.GetString(text).Should().Contain("\"boot_id\":\"boot\"").And.Contain("\"severity\":\"critical\"").And.NotContain("\n").And.NotContain("null");
    }

    [Fact]
    public void What_is_absent_is_the_default_and_never_null()
    {
        var read = EventJson.Read(Encoding.UTF8.GetBytes($$$"""{"id":"{{{Record.Id}}}","time":"2026-01-01T00:00:00Z","node":"n","kind":"xid","title":"t"}"""));
        read.Should().BeEquivalentTo(new EventRecord { Id = Record.Id, Time = read.Time, Node = "n", Kind = "xid", Title = "t" });
        read.BootId.Should().BeEmpty();
        read.Evidence.Values.Should().BeEmpty();
    }

    [Theory]
    [InlineData("node")]
    [InlineData("cluster")]
    public void Null_is_no_text(string name)
    {
        var json = Encoding.UTF8.GetString(EventJson.Write(Record)).Replace($"\"{name}\":\"", $"\"{name}\":null,\"x\":\"", StringComparison.Ordinal);
        var act = () => EventJson.Read(Encoding.UTF8.GetBytes(json));
        act.Should().Throw<JsonException>().WithMessage($"*{name}*");
    }

    [Fact]
    public void What_a_newer_sender_says_is_passed_on()
    {
        var json = Encoding.UTF8.GetString(EventJson.Write(Record));
        var newer = EventJson.Read(Encoding.UTF8.GetBytes(json[..^1] + ",\"invented_later\":{\"a\":1}}"));
        Encoding.UTF8.GetString(EventJson.Write(newer)).Should().Contain("\"invented_later\":{\"a\":1}");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"id":"short","time":"2026-11-21T10:00:00Z","node":"n","kind":"xid","title":"t"}""")]
    [InlineData("""{"id":"0123456789ABCDEF0123456789ABCDEF","time":"2026-11-21T10:00:00Z","node":"n","kind":"xid","title":"t"}""")]
    public void What_is_no_event_is_refused(string json) =>
        FluentActions.Invoking(() => EventJson.Read(Encoding.UTF8.GetBytes(json))).Should().Throw<JsonException>();

    [Fact]
    public void Ids_depend_on_every_part_and_on_their_borders()
    {
        EventId.Of("a", "b").Should().Be(EventId.Of("a", "b")).And.NotBe(EventId.Of("ab")).And.NotBe(EventId.Of("b", "a")).And.NotBe(EventId.Of("a", "b", ""));
        EventId.IsValid(EventId.Of("a")).Should().BeTrue();
    }

    [Fact]
    public void An_id_never_changes_between_versions() => EventId.Of("boot", "kmsg", "17").Should().Be("501a6a8ee8f7cb5bc52f2e9f94a1728e");
}
