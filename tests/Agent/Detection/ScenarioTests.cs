using FluentAssertions;
using Monitoring.Agent.Detection.Rules.Files;
using Monitoring.Agent.Recordings;
using Xunit;

namespace Monitoring.Tests.Agent.Detection;

/// <summary>Whole days under the shipped rules: everything that goes wrong is found at its time, and nothing else.</summary>
public sealed class ScenarioTests
{
    [Fact]
    public void A_day_full_of_incidents_fires_and_clears_at_these_times()
    {
        var day = new ScenarioDay(seed: 1)
            .With("02:00", "02:20", static (day, at) =>
            {
                day.Gpus[3].Celsius = 91;
                if (at.TotalSeconds % 5 < 2) day.Gpus[3].Throttles.UnionWith(["hw_thermal", "hw_slowdown"]);
            })
            .With("03:00", "03:40", static (day, _) => Brake(day.Gpus[5]))
            .With("04:00", "04:00:01", static (day, _) => day.Gpus[1].UncorrectableErrors++)
            .With("04:00", "07:01", static (day, _) => day.Gpus[1].RemapPending = 1)
            .WithXid("04:00:00", 1, 48)
            .With("05:00", "08:00", static (day, _) => day.Gpus[2].CorrectableErrors++)
            .WithXid("08:10:00", 6, 79)
            .With("08:10", "08:40", static (day, at) =>
            {
                day.Gpus[6].IsSampled = false;
                if (at.TotalSeconds >= 10) day.Devices = 7;
            })
            .With("10:00", "10:50", static (day, _) => day.Gpus[4].DownLink = 7)
            .With("10:00", "10:00:01", static (day, _) => day.Gpus[4].LinkErrors[7]++)
            .WithXid("10:00:00", 4, 74)
            .With("11:05", "11:50", static (day, _) => day.Gpus[0].PcieLanes = 8)
            .With("11:05", "11:35", static (day, _) => day.Gpus[0].PcieReplays += 2)
            .With("12:00", "14:10", static (day, at) => day.Gpus[7].MemoryUsedBytes = Math.Min(78.5e9, 46e9 + at.TotalSeconds * 32e9 / 7200))
            .With("15:31:30", "16:00", static (day, _) =>
            {
                foreach (var gpu in day.Gpus) (gpu.Utilization, gpu.Work, gpu.PowerWatts) = (0, 0, 120);
            })
            .With("17:05", "17:25", static (day, _) =>
            {
                foreach (var gpu in day.Gpus) (gpu.Utilization, gpu.Work, gpu.PowerWatts, gpu.ClockHertz) = (1, 0, 190, 1980e6);
            })
            .With("18:32", "19:10", static (day, _) => day.Gpus[2].ClockHertz *= 0.75)
            .With("20:05", "20:15", static (day, at) =>
            {
                if (at.TotalSeconds % 60 < 10) day.PortUp = 0;
                if (at.TotalSeconds % 60 == 0) day.PortDowned++;
            })
            .With("20:45", "22:50", static (day, at) =>
            {
                day.PortUp = 0;
                if (at == TimeSpan.Zero) day.PortDowned++;
            })
            .With("21:05", "21:15", static (day, at) =>
            {
                day.Gpus[5].IsSampled = false;
                day.Gpus[5].StuckSeconds = at.TotalSeconds < 2 ? 0 : at.TotalSeconds;
            })
            .With("21:05", "23:10", static (day, _) => day.FabricManagerActive = 0);
        for (var time = 0; time < 12; time++) day.WithXid($"22:10:{3 * time:00}", 3, 13);

        GoldenFile.Check("scenario-day.txt", Replay(day));
    }

    [Fact]
    public void A_healthy_day_at_the_power_cap_fires_nothing()
    {
        var outcome = RuleReplay.Run(new ScenarioDay(seed: 2).Record(), [Shipped()]);
        outcome.Trouble.Should().BeEmpty();
        outcome.Frames.Should().Be(8 * (86_400 - 40) + 86_400);
        outcome.Timelines[0].Entries.Select(static entry => $"{entry.Time} {entry.Rule.Name} {entry.Subject} {entry.Why}").Should().BeEmpty("not even a rule in shadow has a reason");
    }

    private static void Brake(ScenarioGpu gpu)
    {
        gpu.Throttles.UnionWith(["hw_power_brake", "hw_slowdown"]);
        (gpu.ClockHertz, gpu.PowerWatts) = (495e6, 240);
    }

    /// <summary>When, what, which rule, where, and what it does about it; how a rule words its reason is tested elsewhere.</summary>
    private static string Replay(ScenarioDay day) => string.Concat(RuleReplay.Run(day.Record(), [Shipped()]).Timelines[0].Entries.Select(static entry =>
        $"{entry.Time[11..19]} {(entry.IsFiring ? "fired  " : "cleared")} {entry.Rule.Name,-26} {entry.Subject,-28} {(entry.Acts.StartsWith("event, no capture", StringComparison.Ordinal) ? "event, no capture" : entry.Acts)}".TrimEnd() + "\n"));

    private static IReadOnlyList<Monitoring.Agent.Detection.Rules.RuleDefinition> Shipped()
    {
        var load = RuleLayers.Load([], withShipped: true);
        load.Mistakes.Should().BeEmpty();
        return load.Rules;
    }
}
