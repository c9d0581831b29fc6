namespace Monitoring.Simulator.Demo;

/// <summary>What the demo's agents change in the shipped rules.</summary>
internal static class DemoRules
{
    /// <summary>A file for <c>detection.rules_directory</c>.</summary>
    public const string Yaml = """
        # On a real node these two rules look at ten minutes and wait five more, so that a moment of heat wakes nobody. An incident of the
        # demo lasts seconds: here they look at four seconds and wait one. All other rules are as they are shipped.
        rules:
          hw_thermal_slowdown:
            when: { time_share: { metric: 'gpu_throttle_active{reason="hw_thermal"}', is: "> 0", over: 4s, share: "> 0.5" } }
            for: 1s
            clear_for: 2s
            capture: { duration: 2s, control: false }
          hw_power_brake:
            when: { time_share: { metric: 'gpu_throttle_active{reason="hw_power_brake"}', is: "> 0", over: 4s, share: "> 0.5" } }
            for: 1s
            clear_for: 2s
            capture: { duration: 2s, control: false }

        """;
}
