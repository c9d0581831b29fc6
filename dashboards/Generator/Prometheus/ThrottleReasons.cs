namespace Monitoring.Dashboards.Generator.Prometheus;

/// <summary>Reasons of <c>gpu_throttle_seconds_total</c>.</summary>
internal static class ThrottleReasons
{
    /// <summary>Those that are a fault, as a pattern. The software power cap is how a GPU works at full load, and a GPU with little to do is none; hw_slowdown holds the two other hardware reasons.</summary>
    internal const string Harmful = "hw_thermal|hw_power_brake|hw_slowdown|sw_thermal|board_limit|reliability";
}
