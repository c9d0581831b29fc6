using System.Globalization;
using Monitoring.Simulator.State;

namespace Monitoring.Simulator.NodeProfiles;

/// <summary>Calls, field ids and GPM metrics that this board answers with a return code, and how long calls take.</summary>
internal static class FaultsPart
{
    private static readonly Dictionary<string, DriverResult> Codes = Enum.GetValues<DriverResult>()
        .Where(code => code != DriverResult.Normal).ToDictionary(code => code.ToString(), StringComparer.OrdinalIgnoreCase);

    public static void Read(ProfileSection simulation, ref GpuState state)
    {
        foreach (var (value, node) in simulation.Values("not_supported"))
            if (FunctionTable.Contains(value)) state.FunctionResult[FunctionTable.IndexOf(value)] = (ushort)DriverResult.NotSupported;
            else simulation.Document.Add(node, $"{simulation.Path}.not_supported", value, "the name of a function of the library, such as nvmlDeviceGetPowerUsage");
        foreach (var (function, value, node) in simulation.Section("results").Entries())
            if (!FunctionTable.Contains(function)) simulation.Document.Add(node, $"{simulation.Path}.results", function, "the name of a function of the library");
            else if (!Codes.TryGetValue(value.Replace("_", "", StringComparison.Ordinal), out var code))
                simulation.Document.Add(node, $"{simulation.Path}.results.{function}", value, "a return code such as deprecated or no_permission");
            else state.FunctionResult[FunctionTable.IndexOf(function)] = (ushort)code;
        foreach (var (function, value, node) in simulation.Section("latency_us").Entries())
            if (!FunctionTable.Contains(function)) simulation.Document.Add(node, $"{simulation.Path}.latency_us", function, "the name of a function of the library");
            else if (!uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) || microseconds > 60_000_000)
                simulation.Document.Add(node, $"{simulation.Path}.latency_us.{function}", value, "microseconds from 0 to 60000000");
            else state.FunctionLatencyMicroseconds[FunctionTable.IndexOf(function)] = microseconds;
        ReadIds(simulation, "fields_not_supported", state.FieldResult);
        ReadIds(simulation, "gpm_not_supported", state.GpmResult);
    }

    private static void ReadIds(ProfileSection simulation, string key, Span<ushort> results)
    {
        foreach (var (value, node) in simulation.Values(key))
        {
            // A range like 201-222 stands for many ids.
            var ends = value.Split('-');
            if (ends.Length is 1 or 2 && int.TryParse(ends[0], out var first) && int.TryParse(ends[^1], out var last) && first > 0 && last >= first && last < results.Length)
                results[first..(last + 1)].Fill((ushort)DriverResult.NotSupported);
            else simulation.Document.Add(node, $"{simulation.Path}.{key}", value, $"an id or a range like 201-222, from 1 to {results.Length - 1}");
        }
    }
}
