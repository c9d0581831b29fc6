using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.FabricManager;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.FabricManager;

public sealed class FabricManagerSourceTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("fabricmanager-").FullName;
    private readonly ManualTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly SightingQueue queue = new();

    public FabricManagerSourceTests() => time.Advance(TimeSpan.FromHours(1));

    private string LogPath => Path.Combine(folder, "fabricmanager.log");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Errors_are_sightings_of_the_fabric_and_the_rest_is_passed_over()
    {
        Write(Line("INFO", "all is well"), "a continuation\n", Line("ERROR", "failed to find the GPU handle 5410063385821516767"), Line("FATAL", "the fabric is lost"));

        var sightings = Read(null).Sightings;

        sightings.Select(static sighting => sighting.Severity).Should().Equal(EventSeverity.Warning, EventSeverity.Critical);
        sightings.Should().OnlyContain(static sighting => sighting.Kind == EventKinds.Fabric && sighting.Component == "fabric");
        sightings[0].Title.Should().Be("Fabric Manager: failed to find the GPU handle 5410063385821516767");
        sightings[0].Time.Should().Be(new DateTimeOffset(2026, 1, 1, 0, 30, 0, TimeSpan.Zero));
    }

    [Fact]
    public void Lines_of_before_this_boot_are_passed_over_at_first()
    {
        Write("[Dec 31 2025 13:59:45] [ERROR] [tid 1803] long ago\n", Line("ERROR", "now"));

        Read(null).Sightings.Should().ContainSingle().Which.Title.Should().EndWith("now");
    }

    [Fact]
    public void Reading_goes_on_after_a_restart_even_in_a_file_that_was_rotated_meanwhile()
    {
        Write(Line("ERROR", "one"));
        var cursor = Read(null).Cursor;
        Write(Line("ERROR", "two"));
        File.Move(LogPath, LogPath + ".1");
        Write(Line("ERROR", "three"));

        var (sightings, next) = Read(cursor);

        sightings.Select(static sighting => sighting.Title).Should().Equal("Fabric Manager: two", "Fabric Manager: three");
        Read(next).Sightings.Should().BeEmpty();
    }

    [Fact]
    public void A_line_in_the_place_of_another_before_the_log_was_truncated_is_another()
    {
        Write(Line("ERROR", "one"));
        var (before, cursor) = Read(null);
        using (var file = new FileStream(LogPath, FileMode.Truncate))
        {
        }
        Write(Line("ERROR", "2"));

        Read(cursor).Sightings.Should().ContainSingle().Which.Key.Should().NotBe(before.Single().Key);
    }

    [Fact]
    public void A_line_is_read_once_it_is_whole_and_keeps_its_key()
    {
        var source = Source();
        source.Begin(queue, null);
        var whole = Line("ERROR", "one");
        Write(whole[..30]);
        source.Drain();
        Items().OfType<Sighting>().Should().BeEmpty();
        Write(whole[30..], Line("ERROR", "two"));
        source.Drain();
        var keys = Items().OfType<Sighting>().Select(static sighting => sighting.Key).ToList();

        keys.Should().HaveCount(2).And.OnlyHaveUniqueItems();
        Read(null).Sightings.Select(static sighting => sighting.Key).Should().Equal(keys);
    }

    [Fact]
    public void A_node_without_Fabric_Manager_has_no_trouble()
    {
        var source = Source();
        source.Begin(queue, null);
        source.Drain();

        source.Trouble.Should().BeEmpty();
        Items().Should().BeEmpty();
    }

    [Fact]
    public void A_line_without_end_is_dropped()
    {
        Write(new string('x', 100_000), "\n", Line("ERROR", "after it"));

        Read(null).Sightings.Should().ContainSingle();
    }

    [Fact]
    public void The_log_of_a_real_node_is_read()
    {
        var lines = File.ReadAllLines(Requirement.SharedData("node-files", "components", "accelerator", "nvidia", "fabric-manager", "testdata", "fabricmanager.log"));

        var parsed = lines.Where(static line => line.StartsWith('[')).Select(static line => FabricManagerLine.Parse(line, TimeZoneInfo.Utc)).ToList();

        parsed.Should().NotContainNulls();
        parsed.Where(static line => line!.IsError).Should().HaveCount(lines.Count(static line => line.Contains("[ERROR]", StringComparison.Ordinal)));
    }

    [Fact]
    public void Any_text_at_all_does_no_harm() => Prop.ForAll<NonNull<string>>(static text => _ = FabricManagerLine.Parse(text.Get, TimeZoneInfo.Utc)).Check(Fuzzing.Cases(100));

    private static string Line(string level, string words) => $"[Jan 01 2026 00:30:00] [{level}] [tid 1803] {words}\n";

    private void Write(params string[] text) => File.AppendAllText(LogPath, string.Concat(text));

    private FabricManagerSource Source() => new(LogPath, time, NullLogger<FabricManagerSource>.Instance);

    private (List<Sighting> Sightings, string? Cursor) Read(string? cursor)
    {
        using var source = Source();
        source.Begin(queue, cursor);
        source.Drain();
        var items = Items();
        return ([.. items.OfType<Sighting>()], items.OfType<SourceCursor>().LastOrDefault()?.Value);
    }

    private List<object> Items()
    {
        var items = new List<object>();
        while (queue.TryTake(out var item)) items.Add(item);
        return items;
    }
}
