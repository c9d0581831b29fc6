using FluentAssertions;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Servers;

/// <summary>Policies of OpenSearch, which the real server of the tests has no plugin for: what the plugin would refuse is refused.</summary>
public sealed class FakeStateManagementTests
{
    private const string Path = "/_plugins/_ism/policies/logs";

    private const string Policy = """
        {"policy":{"description":"logs","default_state":"hot","states":[
          {"name":"hot","actions":[{"index_priority":{"priority":100}}],"transitions":[{"state_name":"delete","conditions":{"min_index_age":"180d"}}]},
          {"name":"delete","actions":[{"delete":{}}],"transitions":[]}],
        "ism_template":[{"index_patterns":["logs-gpu.*-*"],"priority":510}]}}
        """;

    [Fact]
    public async Task A_policy_is_changed_only_by_who_knows_its_latest_form()
    {
        await using var server = await SearchServer.FakeAsync(ServerFlavour.OpenSearch2);
        (await server.AskAsync("GET", Path)).Status.Should().Be(404);
        var (status, created) = await server.AskAsync("PUT", Path, Policy);
        (status, created!["_version"]!.GetValue<long>()).Should().Be((201, 1));
        (await server.AskAsync("PUT", Path, Policy)).Status.Should().Be(409);
        var place = $"if_seq_no={created["_seq_no"]}&if_primary_term={created["_primary_term"]}";
        (await server.AskAsync("PUT", $"{Path}?{place}", Policy)).Status.Should().Be(200);
        (await server.AskAsync("PUT", $"{Path}?{place}", Policy)).Status.Should().Be(409);
        (await server.DoAsync("GET", Path))["policy"]!["default_state"]!.ToString().Should().Be("hot");
    }

    [Theory]
    [InlineData("\"default_state\":\"hot\"", "\"default_state\":\"cold\"", "Policy must have a valid default state [cold]")]
    [InlineData("\"state_name\":\"delete\"", "\"state_name\":\"gone\"", "Policy contains a transition in state=hot pointing to a nonexistent state=gone")]
    [InlineData("\"min_index_age\"", "\"max_index_age\"", "Invalid field: [max_index_age] found in Conditions.")]
    [InlineData("\"index_priority\"", "\"set_priority\"", "Invalid field: [set_priority] found in Action.")]
    [InlineData("\"description\"", "\"words\"", "Invalid field: [words] found in Policy.")]
    [InlineData("\"index_patterns\"", "\"patterns\"", "Invalid field: [patterns] found in ISMTemplate.")]
    public async Task What_is_wrong_with_a_policy_is_told(string right, string wrong, string reason)
    {
        await using var server = await SearchServer.FakeAsync(ServerFlavour.OpenSearch2);
        var (status, answer) = await server.AskAsync("PUT", Path, Policy.Replace(right, wrong, StringComparison.Ordinal));
        (status, answer!["error"]!["reason"]!.ToString()).Should().Be((400, reason));
    }

    [Fact]
    public async Task Each_product_knows_its_own_kind_of_policy_alone()
    {
        await using var elasticsearch = await SearchServer.FakeAsync(ServerFlavour.Elasticsearch9);
        await using var openSearch = await SearchServer.FakeAsync(ServerFlavour.OpenSearch2);
        (await elasticsearch.AskAsync("PUT", Path, Policy)).Status.Should().Be(400);
        (await openSearch.AskAsync("PUT", "/_ilm/policy/logs", """{"policy":{"phases":{}}}""")).Status.Should().Be(400);
    }
}
