using System.Text.Json;
using System.Text.Json.Nodes;
using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Dashboards.Grafana;

/// <summary>Every dashboard, panel and query is what the types of Grafana's own packages say, and has nothing that they do not know.</summary>
public sealed class DashboardSchemaTests
{
    [Fact]
    public async Task Every_dashboard_is_what_grafana_says_a_dashboard_is() =>
        (await FaultsAsync([.. DashboardFile.All.Select(static dashboard => dashboard.Path)])).Should().BeEmpty();

    [Fact]
    public async Task The_check_names_what_is_wrong_wherever_it_is()
    {
        var path = Path.GetTempFileName();
        try
        {
            var dashboard = JsonNode.Parse(await File.ReadAllTextAsync(DashboardFile.All.Single(static one => one.Uid == "gpu-fleet").Path))!;
            JsonNode Of(string type) => dashboard["panels"]!.AsArray().First(panel => panel!["type"]!.GetValue<string>() == type)!;
            Of("stat")["fieldConfig"]!["defaults"]!["fieldMinMax"] = true;
            Of("stat")["fieldConfig"]!["defaults"]!["unit"] = "parsec";
            Of("heatmap")["options"]!["sparkle"] = true;
            Of("timeseries")["targets"]![0]!["expression"] = "up";
            Of("table")["fieldConfig"]!["defaults"]!["custom"]!["sparkle"] = 1;
            dashboard["annotations"]!["list"]![1]!["target"]!["sparkle"] = 1;
            await File.WriteAllTextAsync(path, dashboard.ToJsonString());

            var faults = await FaultsAsync([path]);

            faults.Should().HaveCount(6);
            foreach (var word in (string[])["fieldMinMax", "parsec", "options:  must NOT have additional properties", "\"expression\"", "custom:  must NOT", "annotation \"Critical alerts\": the query has sparkle"])
                faults.Should().ContainSingle(fault => fault.Contains(word, StringComparison.Ordinal), word);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<IReadOnlyList<string>> FaultsAsync(IReadOnlyList<string> paths) =>
        (await NodeProgram.RunAsync("grafana.mjs", paths)).Deserialize<string[]>()!;
}
