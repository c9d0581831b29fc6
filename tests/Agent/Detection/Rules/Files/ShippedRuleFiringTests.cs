using System.Globalization;
using System.Text;
using FluentAssertions;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Rules.Files;
using Monitoring.Contracts.Events;
using Monitoring.Tests.Agent.Detection.KernelLog;
using Xunit;

namespace Monitoring.Tests.Agent.Detection.Rules.Files;

/// <summary>When each shipped rule fires and clears, to the tenth of a second.</summary>
public sealed class ShippedRuleFiringTests
{
    private static readonly TimeSpan Part = TimeSpan.FromMinutes(40);

    [Fact]
    public void Every_rule_has_a_script() =>
        ShippedRuleScripts.All.Select(static script => script.Rule).Should().Equal(RuleFiles.Load([ShippedRules.File]).Rules.Select(static rule => rule.Name));

    [Fact]
    public void Each_rule_fires_and_clears_at_the_times_of_the_golden_file()
    {
        var text = new StringBuilder("40 minutes of a sound node, 40 of a fault, 40 of a sound node. Times count from the start of the fault.\n\n");
        foreach (var script in ShippedRuleScripts.All)
            text.Append(CultureInfo.InvariantCulture, $"{script.Rule,-28} {Play(script)}\n");
        GoldenFile.Check("Agent/shipped-rules.txt", text.ToString());
    }

    [Theory]
    [InlineData("NVRM: _kgspIsHeartbeatTimedOut: Heartbeat timed out, currentTime: 5 heartbeat: 1", null, true)]
    [InlineData("NVRM: GPU 0000:10:00.0: _kgspIsHeartbeatTimedOut: Heartbeat timed out, currentTime: 5 heartbeat: 1", 0, true)]
    [InlineData("NVRM: _kgspRpcRecvPoll: GSP RPC Timeout after 6s", null, false)]
    public void A_lost_heartbeat_of_the_system_processor_fires_from_the_kernels_line_without_an_XID(string line, int? gpu, bool fires)
    {
        var harness = new RuleHarness([.. RuleFiles.Load([ShippedRules.File]).Rules.Where(static rule => rule.Name == "xid_gsp")]);
        harness.Set("gpu_utilization_ratio", 0.5).Run(seconds: 1);
        var gpus = new GpuDirectory();
        gpus.Add([RuleHarness.Gpu(0)]);
        List<EventRecord> events = [];
        new SightingMerger(RuleHarness.Node, gpus).Take(KernelLines.Read(line)! with { Time = harness.Now }, events);

        harness.Engine.Take(events.Single());
        harness.Run(seconds: 1);

        harness.Changes.Select(static change => (change.IsFiring, change.Gpu?.Index)).Should().Equal(fires ? [(true, gpu)] : []);
    }

    private static string Play(RuleScript script)
    {
        var harness = new RuleHarness([.. RuleFiles.Load([ShippedRules.File]).Rules.Where(rule => rule.Name == script.Rule)]);
        script.Sound(harness);
        harness.Run(Part);
        harness.Changes.Should().BeEmpty("{0} fires on a sound node", script.Rule);
        harness.Run(Part, elapsed => script.Fault(harness, elapsed - Part));
        if (!script.IsCount) script.Sound(harness);
        harness.Run(Part);

        harness.Changes.Should().NotBeEmpty("{0} does not see its fault: {1}", script.Rule, string.Join("; ", harness.Engine.Status().Select(static status => status.Why)));
        return string.Join(", ", harness.Changes.Select(change =>
        {
            var since = DateTimeOffset.UnixEpoch.AddTicks(change.UnixMicroseconds * TimeSpan.TicksPerMicrosecond) - RuleHarness.Start - Part;
            var where = change.Gpu is { } gpu ? $" GPU {gpu.Index}" : change.Instance.Length > 0 ? $" {change.Instance}" : "";
            return string.Create(CultureInfo.InvariantCulture, $"{(change.IsFiring ? "fires" : "clears")}{where} {since:hh\\:mm\\:ss\\.f}{(change is { IsFiring: true, Rule.Shadow: false, Event: null } ? " without an event" : "")}");
        }));
    }
}
