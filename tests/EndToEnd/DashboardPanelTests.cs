using System.Globalization;
using System.Text.Json;
using FluentAssertions;
using Monitoring.Tests.Dashboards.Grafana;
using Xunit;

namespace Monitoring.Tests.EndToEnd;

/// <summary>Every question of every panel has an answer where something happened.</summary>
[Collection(nameof(DashboardPanelTests))]
public sealed class DashboardPanelTests(DashboardCluster cluster, ITestOutputHelper output)
{
    private const string Anything = ".+";

    /// <summary>Documents come a moment after what they tell of.</summary>
    private static readonly TimeSpan Patience = Eventually.Patience;

    public static TheoryData<string> Uids => [.. DashboardFile.Uids];

    [Theory]
    [MemberData(nameof(Uids))]
    public async Task Every_panel_shows_something(string uid)
    {
        var dashboard = DashboardFile.All.Single(dashboard => dashboard.Uid == uid);
        var silent = new List<string>();
        foreach (var query in dashboard.Queries.Concat(dashboard.AnnotationQueries))
            if (!await AnswersAsync(dashboard, query)) silent.Add(query.ToString());

        output.WriteLine($"{dashboard.Queries.Count()} questions");
        silent.Should().BeEmpty();
    }

    [Fact]
    public async Task A_question_for_what_is_not_there_has_no_answer() =>
        (await cluster.ValuesOverTimeAsync("gpu_power_watts{node=\"node-9\"}")).Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Uids))]
    public async Task Every_search_finds_something_with_every_field_that_is_shown(string uid)
    {
        Requirement.That(DashboardCluster.HasSearch, "'../shared/opensearch/start' or java is missing; put the server beside the repository to run this test");
        var dashboard = DashboardFile.All.Single(dashboard => dashboard.Uid == uid);
        var shown = dashboard.Panels.ToDictionary(static panel => panel.GetProperty("title").GetString()!, ShownFields);
        foreach (var annotation in dashboard.Annotations.Where(static annotation => annotation.TryGetProperty("textField", out _)))
            shown[$"annotation {annotation.GetProperty("name").GetString()}"] = [annotation.GetProperty("textField").GetString()!, annotation.GetProperty("tagsField").GetString()!];
        List<string> silent;
        using var limit = new CancellationTokenSource(Patience);
        do
        {
            silent = [];
            foreach (var search in dashboard.Searches.Concat(dashboard.AnnotationSearches))
                silent.AddRange((await MissingAsync(dashboard, search, shown[search.Panel])).Select(field => $"{search} has no {field}"));
            if (silent.Count > 0) await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
        }
        while (silent.Count > 0 && !limit.IsCancellationRequested);

        silent.Should().BeEmpty();
    }

    /// <summary>What of a search is nowhere: the fields that its panel shows, or any document at all.</summary>
    private async Task<IEnumerable<string>> MissingAsync(DashboardFile dashboard, PanelQuery search, IReadOnlyList<string> shown)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (node, gpu) in Places(dashboard))
            foreach (var document in await cluster.DocumentsAsync(search.With(Choices.With(Anything, node, gpu, DashboardCluster.Job))))
                found.UnionWith(FieldsOf(document, ""));
        return found.Count == 0 ? ["document"] : shown.Where(field => !found.Contains(field));
    }

    private static IReadOnlyList<string> ShownFields(JsonElement panel) => panel.TryGetProperty("transformations", out var transformations)
        ? [.. transformations.EnumerateArray().Where(static one => one.GetProperty("id").GetString() == "filterFieldsByName").SelectMany(static one => one.GetProperty("options").GetProperty("include").GetProperty("names").EnumerateArray()).Select(static name => name.GetString()!)]
        : [];

    private static IEnumerable<string> FieldsOf(JsonElement json, string path) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(one => FieldsOf(one.Value, path.Length == 0 ? one.Name : $"{path}.{one.Name}")),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(one => FieldsOf(one, path)),
        _ => [path],
    };

    /// <summary>Where one node or one GPU is chosen, one to which it happened will do.</summary>
    private async Task<bool> AnswersAsync(DashboardFile dashboard, PanelQuery query)
    {
        foreach (var (node, gpu) in Places(dashboard))
        {
            // What adds a zero for an empty answer must not answer by the zero alone.
            var text = query.With(Choices.With(Anything, node, gpu, DashboardCluster.Job, "15s", "10m")).Replace(" or vector(0)", "", StringComparison.Ordinal);
            if ((await cluster.ValuesOverTimeAsync(text)).Any(HasValue)) return true;
        }
        return false;
    }

    private IEnumerable<(string Node, string Gpu)> Places(DashboardFile dashboard)
    {
        var isOne = dashboard.Variables.Any(static variable => variable.GetProperty("name").GetString() == "node" && !variable.GetProperty("multi").GetBoolean());
        if (!isOne) return [(Anything, "")];
        var gpus = dashboard.VariableNames.Contains("gpu") ? Enumerable.Range(0, DashboardCluster.GpuCount).Select(static gpu => gpu.ToString(CultureInfo.InvariantCulture)) : [""];
        return cluster.Nodes.SelectMany(_ => gpus, static (node, gpu) => (node, gpu));
    }

    private static bool HasValue(JsonElement series) => series.GetProperty("values").EnumerateArray().Any(static point => point[1].GetString() is not ("NaN" or "+Inf" or "-Inf"));
}

/// <summary>One cluster for all pages; nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(DashboardPanelTests), DisableParallelization = true)]
public sealed class DashboardPanelClusters : ICollectionFixture<DashboardCluster>;
