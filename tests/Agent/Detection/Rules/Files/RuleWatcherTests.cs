using FluentAssertions;
using Microsoft.Extensions.Logging;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Rules.Files;
using Monitoring.Agent.Sampling;
using Monitoring.Tests.Dropins;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Rules.Files;

public sealed class RuleWatcherTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("rules-").FullName;
    private readonly ManualTimeProvider time = new();
    private readonly CollectingLogger log = new();
    private readonly LoggerFactory loggers;

    public RuleWatcherTests() => loggers = new LoggerFactory([log]);

    [Fact]
    public void A_changed_file_holds_once_it_was_seen_unchanged_again()
    {
        Write("a", Rule("one", 1));
        using var watcher = Watch();
        watcher.Current.Rules.Select(static rule => rule.Name).Should().Equal("one");

        Write("a", Rule("one", 1) + "  two: { when: { absent: { after: 2m } } }\n");
        time.Advance(RuleWatcher.Interval);
        watcher.Current.Rules.Should().HaveCount(1, "the file may still be half written");
        time.Advance(RuleWatcher.Interval);
        watcher.Current.Rules.Select(static rule => rule.Name).Should().Equal("one", "two");
    }

    [Fact]
    public void A_bad_file_leaves_the_rules_as_they_were_and_is_logged_once()
    {
        Write("a", Rule("one", 1));
        Write("b", Rule("two", 1));
        using var watcher = Watch();
        var readings = new NodeReadings();
        watcher.Register(readings);
        var before = watcher.Current;
        Value(readings, MetricTable.RulesReloadSuccessful).Should().Be(1);

        Write("b", "rules:\n  two: { for: soon }\n");
        for (var poll = 0; poll < 100; poll++) time.Advance(RuleWatcher.Interval);

        watcher.Current.Should().BeSameAs(before);
        watcher.IsRight.Should().BeFalse();
        Value(readings, MetricTable.RulesLoaded).Should().Be(2);
        Value(readings, MetricTable.RulesReloadSuccessful).Should().Be(0);
        Value(readings, MetricTable.RulesReloadTime).Should().Be(new DateTimeOffset(2026, 1, 1, 0, 0, 4, TimeSpan.Zero).ToUnixTimeSeconds());
        log.Entries.Count(static entry => entry.Level == LogLevel.Error).Should().Be(3, "each of two mistakes, and what follows");

        Write("b", Rule("two", 7));
        Settle();
        watcher.Current.Rules.Should().HaveCount(2);
        Value(readings, MetricTable.RulesReloadSuccessful).Should().Be(1);
    }

    [Fact]
    public void Files_come_and_go_and_later_names_win()
    {
        Write("10", Rule("one", 1));
        using var watcher = Watch();

        Write("20", "rules: { one: { for: 3m } }");
        Settle();
        watcher.Current.Rules.Single().For.Should().Be(TimeSpan.FromMinutes(3));

        File.Delete(Path.Combine(folder, "20.yaml"));
        Settle();
        watcher.Current.Rules.Single().For.Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public void A_change_that_keeps_size_and_time_is_found_within_a_minute()
    {
        Write("a", Rule("one", 1));
        using var watcher = Watch();
        var path = Path.Combine(folder, "a.yaml");
        var written = File.GetLastWriteTimeUtc(path);
        Write("a", Rule("two", 1));
        File.SetLastWriteTimeUtc(path, written);

        time.Advance(TimeSpan.FromMinutes(1));

        watcher.Current.Rules.Single().Name.Should().Be("two");
    }

    [Fact]
    public void A_directory_mounted_through_links_is_followed()
    {
        // As Kubernetes does it: a.yaml -> ..data/a.yaml, ..data -> a folder that is replaced.
        foreach (var (version, name) in new[] { ("..1", "one"), ("..2", "two") })
        {
            Directory.CreateDirectory(Path.Combine(folder, version));
            File.WriteAllText(Path.Combine(folder, version, "a.yaml"), Rule(name, 1));
        }
        File.SetLastWriteTimeUtc(Path.Combine(folder, "..2", "a.yaml"), new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc));
        File.CreateSymbolicLink(Path.Combine(folder, "..data"), "..1");
        File.CreateSymbolicLink(Path.Combine(folder, "a.yaml"), "..data/a.yaml");
        using var watcher = Watch();
        watcher.Current.Rules.Single().Name.Should().Be("one");

        File.Delete(Path.Combine(folder, "..data"));
        File.CreateSymbolicLink(Path.Combine(folder, "..data"), "..2");
        Settle();

        watcher.Current.Rules.Single().Name.Should().Be("two");
    }

    [Fact]
    public void With_a_mistake_at_the_start_the_shipped_rules_hold()
    {
        Write("a", "rules: [");
        using var watcher = new RuleWatcher(new DetectionSettings { RulesDirectory = folder }, time, loggers.CreateLogger<RuleWatcher>());

        watcher.Current.Rules.Should().NotBeEmpty();
        watcher.IsRight.Should().BeFalse();
    }

    [Fact]
    public void A_directory_that_was_chosen_and_is_not_there_is_a_mistake()
    {
        new RuleLayers(new DetectionSettings { RulesDirectory = Path.Combine(folder, "none") }).Load().Mistakes.Should().ContainSingle()
            .Which.Expected.Should().Be("does not exist; create the directory or correct detection.rules_directory");
        new RuleLayers(new DetectionSettings { RulesDirectory = "" }).Load().IsRight.Should().BeTrue();
    }

    [Fact]
    public void Files_that_are_no_text_or_too_large_are_named()
    {
        File.WriteAllBytes(Path.Combine(folder, "a.yaml"), [0xC3, 0x28]);
        File.WriteAllText(Path.Combine(folder, "b.yaml"), new string('#', RuleLayers.MaximumBytes + 1));
        File.WriteAllText(Path.Combine(folder, "c.txt"), "not looked at");

        new RuleLayers(new DetectionSettings { RulesDirectory = folder }).Load().Mistakes.Select(static mistake => mistake.Expected).Should().Equal(
            "holds bytes that are not UTF-8 text; save the file as UTF-8", "is larger than 1 MiB and cannot be a rule file; check the path or split it");
    }

    public void Dispose()
    {
        loggers.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static double Value(NodeReadings readings, NodeMetric metric) => readings.Read(metric).Single().Value;

    private static string Rule(string name, int minutes) => $"rules:\n  {name}: {{ when: {{ absent: {{ after: {minutes}m }} }} }}\n";

    private RuleWatcher Watch() => new(new DetectionSettings { RulesDirectory = folder, ShippedRules = false }, time, loggers.CreateLogger<RuleWatcher>());

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(folder, name + ".yaml"), text);

    private void Settle()
    {
        time.Advance(RuleWatcher.Interval);
        time.Advance(RuleWatcher.Interval);
    }
}
