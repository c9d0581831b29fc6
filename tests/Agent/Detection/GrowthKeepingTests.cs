using System.Text.Json;
using FluentAssertions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Sampling;
using Monitoring.Tests.Agent.Detection.Health;
using Monitoring.Tests.Agent.Detection.Rules;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection;

public sealed class GrowthKeepingTests
{
    private const string Errors = "gpu_ecc_errors_total{type=\"uncorrectable\"}";
    private static readonly RuleDefinition Rule = Rule(Grew(Errors, 0, 900));
    private static readonly FrameLayout Layout = new([Name(Errors)]);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly ManualTimeProvider time = new();
    private readonly MemoryJournal journal = new();
    private readonly Changes changes = new();
    private RuleEngine engine = null!;
    private GrowthKeeping keeping = null!;
    private int frames;

    public GrowthKeepingTests()
    {
        time.Advance(TimeSpan.FromHours(3));
        Start();
    }

    [Fact]
    public void An_error_between_a_sudden_end_and_the_next_start_fires()
    {
        for (var minute = 0; minute < 60; minute++) Read(0);
        Start();
        Read(1);
        changes.Fired.Should().Equal("rule");
    }

    [Fact]
    public void Another_boot_begins_anew()
    {
        Read(0);
        Start("boot-2");
        Read(1);
        changes.Fired.Should().BeEmpty();
    }

    [Fact]
    public void A_boot_that_is_not_known_keeps_nothing()
    {
        Start("");
        Read(0);
        keeping.Keep(isLast: true);
        journal.StatesKept.Should().Be(0);
    }

    [Fact]
    public void Counters_that_stand_still_are_written_once_and_marked_each_minute()
    {
        for (var minute = 0; minute < 60; minute++) Read(0);
        journal.StatesKept.Should().Be(1 + 60);
        journal.State("rule_growth_stood")!.Value.GetRawText().Length.Should().BeLessThan(64);
    }

    [Fact]
    public void Counters_that_grow_all_the_time_are_written_every_ten_minutes_and_at_the_end()
    {
        for (var minute = 0; minute < 60; minute++) Read(minute);
        journal.StatesKept.Should().Be(2 * 6);
        keeping.Keep(isLast: true);
        journal.StatesKept.Should().Be(2 * 7);
        journal.State("rule_growth")!.Value.GetProperty("counters")[0].GetProperty("last").EnumerateObject().Single().Value.GetDouble().Should().Be(59);
    }

    [Fact]
    public void What_fired_and_cleared_since_the_last_writing_does_not_fire_again()
    {
        var brief = Rule with { Trigger = Grew(Errors, 0, 120) };
        Start(rule: brief);
        Read(0);
        for (var minute = 0; minute < 8; minute++) Read(1);
        changes.Log.Should().Equal("fired", "cleared");
        journal.StatesKept.Should().Be(2, "the next writing is not due");
        Start(rule: brief);
        for (var minute = 0; minute < 8; minute++) Read(1);
        changes.Log.Should().Equal("fired", "cleared");
    }

    [Fact]
    public void While_nothing_is_read_what_was_kept_stays()
    {
        Read(0);
        Start();
        for (var minute = 0; minute < 5; minute++)
        {
            time.Advance(Minute);
            engine.Tick(time.GetTimestamp(), Now);
            keeping.Keep();
        }
        keeping.Keep(isLast: true);
        Start();
        Read(1);
        changes.Fired.Should().Equal("rule");
    }

    [Theory]
    [InlineData("rule_growth", "7")]
    [InlineData("rule_growth", "{}")]
    [InlineData("rule_growth_stood", "null")]
    [InlineData("rule_growth_stood", "{\"at\":\"noon\"}")]
    public void What_cannot_be_read_is_as_none(string name, string json)
    {
        Read(0);
        journal.AppendState(name, JsonDocument.Parse(json).RootElement);
        Start();
        Read(1);
        changes.Fired.Should().BeEmpty();
    }

    private long Now => WallClock.ToUnixMicroseconds(time.GetUtcNow());

    private void Start(string bootId = "boot-1", RuleDefinition? rule = null)
    {
        engine = new RuleEngine(new NodeIdentity("test", "node-1", bootId), changes, TimeSpan.TicksPerSecond);
        keeping = new GrowthKeeping(engine, journal, bootId, time);
        keeping.Restore();
        engine.Use([rule ?? Rule], Now);
    }

    // A minute with a reading every ten seconds.
    private void Read(double errors)
    {
        for (var reading = 0; reading < 6; reading++)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            engine.Take(RuleHarness.Gpu(0), Layout, new FrameStamp(frames++, Now, time.GetTimestamp(), Tiers.Fast | Tiers.Medium | Tiers.Slow), [errors]);
        }
        keeping.Keep();
    }

    private sealed class Changes : IRuleListener
    {
        internal List<string> Fired { get; } = [];

        internal List<string> Log { get; } = [];

        public void Changed(RuleChange change)
        {
            if (change.IsFiring) Fired.Add(change.Rule.Name);
            Log.Add(change.IsFiring ? "fired" : "cleared");
        }
    }
}
