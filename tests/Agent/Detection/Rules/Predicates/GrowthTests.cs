using FluentAssertions;
using Monitoring.Agent.Detection.Rules;
using Xunit;
using static Monitoring.Tests.Agent.Detection.Rules.RuleTexts;

namespace Monitoring.Tests.Agent.Detection.Rules.Predicates;

public sealed class GrowthTests
{
    private const string Energy = "gpu_energy_joules_total";
    private const string Memory = "gpu_memory_used_bytes";
    private const string Dram = "gpu_ecc_errors_total{type=\"uncorrectable\",location=\"dram\"}";
    private const string Sram = "gpu_ecc_errors_total{type=\"uncorrectable\",location=\"sram\"}";

    [Fact]
    public void A_counter_that_grew_enough_fires_with_the_reading_that_shows_it()
    {
        var harness = new RuleHarness(Rule(Grew(Dram, 0, 3600))).Set(Dram, 7);
        harness.Run(15).Set(Dram, 8).Run(10);
        harness.Log.Should().Equal("00:00:20.0 fired rule 0");
    }

    [Fact]
    public void An_increase_is_forgotten_after_the_window_and_a_sixtieth_at_most()
    {
        var harness = new RuleHarness(Rule(Grew(Dram, 0, 600))).Set(Dram, 7);
        harness.Run(15).Set(Dram, 8).Run(1000);
        harness.Log.Should().Equal("00:00:20.0 fired rule 0", "00:10:30.0 cleared rule 0");
    }

    [Fact]
    public void What_did_not_grow_is_known_after_half_of_the_window()
    {
        var harness = new RuleHarness(Rule(new NotTrigger(Grew(Dram, 0, 600)))).Set(Dram, 7);
        harness.Run(600);
        harness.Log.Should().Equal("00:05:00.0 fired rule 0");
    }

    [Fact]
    public void A_counter_that_begins_anew_does_not_shrink()
    {
        var harness = new RuleHarness(Rule(Grew(Dram, 4, 600))).Set(Dram, 100);
        harness.Run(15).Set(Dram, 103).Run(10).Set(Dram, 1).Run(10);
        harness.Log.Should().BeEmpty();
        harness.Set(Dram, 2).Run(10);
        harness.Log.Should().Equal("00:00:40.0 fired rule 0");
    }

    [Fact]
    public void A_series_that_loses_its_value_is_no_growth_of_the_others()
    {
        var harness = new RuleHarness(Rule(Grew("gpu_ecc_errors_total{type=\"uncorrectable\"}", 0, 600))).Set(Dram, 100).Set(Sram, 50);
        harness.Run(15).Set(Sram, double.NaN).Run(30).Set(Sram, 50).Run(30);
        harness.Log.Should().BeEmpty();
        harness.Set(Sram, 51).Run(10);
        harness.Log.Should().Equal("00:01:20.0 fired rule 0");
    }

    [Fact]
    public void A_rate_is_growth_per_watched_second()
    {
        var harness = new RuleHarness(Rule(new RateTrigger(Series(Energy), TimeSpan.FromSeconds(60), Comparison.Above, new Bound(500))));
        harness.Set(Energy, 0);
        harness.Run(TimeSpan.FromSeconds(120), elapsed => harness.Set(Energy, 400 * elapsed.TotalSeconds));
        harness.Log.Should().BeEmpty();
        harness.Status("rule").Why.Should().Be("gpu_energy_joules_total grows by 400/s over 1m, needs > 500");
        harness.Run(TimeSpan.FromSeconds(60), elapsed => harness.Set(Energy, 48_000 + 700 * (elapsed.TotalSeconds - 120)));
        // A third of the window at 700 and two thirds at 400 are 500; the bucket that is open adds a second to the window.
        harness.Log.Should().Equal("00:02:21.0 fired rule 0");
    }

    [Fact]
    public void A_gap_is_spread_over_its_time()
    {
        var harness = new RuleHarness(Rule(new RateTrigger(Series(Energy), TimeSpan.FromSeconds(60), Comparison.Above, new Bound(500))));
        harness.Set(Energy, 0);
        harness.Run(TimeSpan.FromSeconds(60), elapsed => harness.Set(Energy, 400 * elapsed.TotalSeconds));
        harness.Skip(TimeSpan.FromSeconds(40));
        harness.Run(TimeSpan.FromSeconds(60), elapsed => harness.Set(Energy, 400 * elapsed.TotalSeconds));
        harness.Skip(TimeSpan.FromHours(1));
        harness.Run(TimeSpan.FromSeconds(60), elapsed => harness.Set(Energy, 400 * elapsed.TotalSeconds));
        harness.Log.Should().BeEmpty();
        harness.Status("rule").Why.Should().StartWith("gpu_energy_joules_total grows by 400/s");
    }

    [Fact]
    public void A_gauge_may_shrink()
    {
        var harness = new RuleHarness(Rule(Grew(Memory, 500, 60))).Set(Memory, 1000);
        harness.Run(60).Set(Memory, 2000).Run(10).Set(Memory, 1100).Run(10);
        harness.Log.Should().Equal("00:01:00.0 fired rule 0", "00:01:10.0 cleared rule 0");
    }

    [Fact]
    public void A_gauge_that_returned_grew_by_nothing_at_all()
    {
        var harness = new RuleHarness(Rule(Grew(Memory, 0, 6))).Set(Memory, 1000);
        harness.Run(10);
        harness.Run(TimeSpan.FromSeconds(3), elapsed => harness.Set(Memory, 1000 + 7 * elapsed.TotalMilliseconds));
        harness.Set(Memory, 1000).Run(20);
        harness.Log.Should().Equal("00:00:10.0 fired rule 0", "00:00:13.0 cleared rule 0");
    }

    [Fact]
    public void Series_that_come_and_go_keep_what_they_grew_by()
    {
        var harness = new RuleHarness(Rule(Grew("gpu_agent_driver_errors_total", 4, 600))).SetNode("gpu_agent_driver_errors_total{code=\"a\"}", 0);
        harness.Run(5).SetNode("gpu_agent_driver_errors_total{code=\"a\"}", 3).Run(5);
        harness.SetNode("gpu_agent_driver_errors_total{code=\"b\"}", 9).Run(5);
        harness.Log.Should().BeEmpty();
        harness.SetNode("gpu_agent_driver_errors_total{code=\"b\"}", 11).Run(5);
        harness.Log.Should().Equal("00:00:15.0 fired rule");
    }
}
