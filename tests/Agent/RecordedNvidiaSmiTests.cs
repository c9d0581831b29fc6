using System.Globalization;
using FluentAssertions;
using Monitoring.Agent.Sampling;
using Xunit;

namespace Monitoring.Tests.Agent;

/// <summary>
/// What nvidia-smi said on real machines against what the agent says of the simulated ones: the same readings are there, the same are
/// not, and what stands still is equal. Fields and series are those of scripts/compare-with-nvidia-smi.sh.
/// </summary>
[Collection(SimulatedDriverTests.Name)]
public sealed class RecordedNvidiaSmiTests
{
    [Theory]
    [InlineData("h100", "linux-x86_64__nvidia-h100-80gb-hbm3__590.48.01.txt")]
    [InlineData("h200", "linux-x86_64__nvidia-h200__590.48.01.txt")]
    public void A_simulated_gpu_shows_what_the_real_one_showed(string profile, string capture)
    {
        var recorded = QueryGpu(Requirement.SharedData("nvidia-smi-captures", capture));
        using var driver = new SimulatedDriver(profile, 1);
        var shown = Shown(driver.Sampler());

        var differences = new List<string>();
        var compared = 0;
        foreach (var (field, series, factor, tolerance) in Fields())
        {
            if (!recorded.TryGetValue(field, out var said)) continue;
            compared++;
            var absent = said.Contains("N/A", StringComparison.Ordinal) || said.Contains("Not Supported", StringComparison.Ordinal);
            if (absent != !shown.TryGetValue(series, out var value)) differences.Add($"{field} was '{said}', {series} is {(absent ? value.ToString(CultureInfo.InvariantCulture) : "absent")}");
            else if (!absent && tolerance == "0" && Math.Abs(Number(said) * factor - value) > 1e-6) differences.Add($"{field} was '{said}', {series} is {value.ToString(CultureInfo.InvariantCulture)}");
        }

        compared.Should().BeGreaterThan(50);
        differences.Should().BeEmpty();
    }

    /// <summary>The first answer of <c>nvidia-smi --query-gpu</c> in a capture: the idle machine.</summary>
    private static Dictionary<string, string> QueryGpu(string path)
    {
        var lines = File.ReadAllLines(path);
        var command = Array.FindIndex(lines, static line => line.StartsWith("# $ nvidia-smi --query-gpu=", StringComparison.Ordinal));
        var names = lines[command]["# $ nvidia-smi --query-gpu=".Length..].Split(' ')[0].Split(',');
        var values = lines[command + 3].Split(',', StringSplitOptions.TrimEntries);
        values.Should().HaveSameCount(names);
        return names.Zip(values).ToDictionary(static pair => pair.First, static pair => pair.Second);
    }

    private static IEnumerable<(string Field, string Series, double Factor, string Tolerance)> Fields() =>
        File.ReadAllLines(RepositoryRoot.Combine("scripts", "compare-with-nvidia-smi.sh"))
            .Select(static line => line.Split('|'))
            .Where(static part => part.Length == 4 && part[1].StartsWith("gpu_", StringComparison.Ordinal))
            .Select(static part => (part[0], part[1].Replace("\"", "", StringComparison.Ordinal), double.Parse(part[2], CultureInfo.InvariantCulture), part[3]));

    /// <summary>Series with a value, their own labels in alphabetical order as a page has them.</summary>
    private static Dictionary<string, double> Shown(GpuSampler sampler) =>
        sampler.Sets[0].Series.All.Select((series, place) => (Name: Name(series), Value: sampler.Sets[0].Series.Value(place)))
            .Where(static shown => !double.IsNaN(shown.Value)).ToDictionary(static shown => shown.Name, static shown => shown.Value);

    private static string Name(Series series)
    {
        var labels = series.Tags.Skip(4).OrderBy(static tag => tag.Key, StringComparer.Ordinal).Select(static tag => $"{tag.Key}={tag.Value}").ToArray();
        return labels.Length == 0 ? series.Metric.Name : $"{series.Metric.Name}{{{string.Join(',', labels)}}}";
    }

    private static double Number(string said) => said switch
    {
        "Enabled" or "Yes" or "Active" => 1,
        "Disabled" or "No" or "Not Active" => 0,
        _ => double.Parse(said.Split(' ')[0], CultureInfo.InvariantCulture),
    };
}
