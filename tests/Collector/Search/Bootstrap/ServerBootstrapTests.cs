using FluentAssertions;
using Monitoring.Collector.Search.Bootstrap;
using Monitoring.Collector.Search.Documents;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Tests.Elasticsearch.Servers;
using Xunit;

namespace Monitoring.Tests.Collector.Search.Bootstrap;

public sealed class ServerBootstrapTests
{
    public static TheoryData<string, string> Flavours => new(ServerFlavour.All.Select(static flavour => (flavour.Product, flavour.Version)));

    [Theory]
    [MemberData(nameof(Flavours))]
    public async Task Everything_is_put_once_and_then_left_as_it_is(string product, string version)
    {
        await using var bench = await BootstrapBench.FakeAsync(new ServerFlavour(product, version));

        var first = await bench.EnsureAsync();
        var again = await bench.EnsureAsync();

        first.Changed.Should().HaveCount(16, "there is one component for all streams, and for each of five a component, a policy and a template");
        first.Policies.Should().Be(product == "OpenSearch" ? LifecycleSupport.Ism : LifecycleSupport.Ilm);
        first.CollectorDeletes.Should().Be(product == "OpenSearch", "its policies count from another day than that in the name");
        again.Changed.Should().BeEmpty();
        again.Notes.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public async Task Documents_of_every_kind_fit_the_mapping_and_their_index_gets_its_names(string product, string version)
    {
        await using var bench = await BootstrapBench.FakeAsync(new ServerFlavour(product, version));
        await bench.EnsureAsync();

        foreach (var (name, _, document) in GoldenDocumentsOf(bench))
        {
            var (status, said) = await bench.CreateAsync(document);
            status.Should().Be(201, $"{name}: {said}");
        }

        (await bench.CountAsync("logs-gpu.event-default", """{"match_all":{}}""")).Should().BePositive("the alias comes from the template");
    }

    [Fact]
    public async Task Where_the_server_has_no_life_cycles_the_collector_deletes()
    {
        await using var bench = await BootstrapBench.FakeAsync(ServerFlavour.OpenSearch2, hasStateManagement: false);

        var report = await bench.EnsureAsync();

        report.Policies.Should().Be(LifecycleSupport.None);
        report.CollectorDeletes.Should().BeTrue();
    }

    [Theory]
    [InlineData(LifecycleMode.Server, LifecycleSupport.None, LifecycleSupport.None, false)]
    [InlineData(LifecycleMode.Server, LifecycleSupport.Ilm, LifecycleSupport.Ilm, false)]
    [InlineData(LifecycleMode.Collector, LifecycleSupport.Ilm, LifecycleSupport.None, true)]
    [InlineData(LifecycleMode.None, LifecycleSupport.Ism, LifecycleSupport.None, false)]
    [InlineData(LifecycleMode.Auto, LifecycleSupport.Ilm, LifecycleSupport.Ilm, false)]
    [InlineData(LifecycleMode.Auto, LifecycleSupport.Ism, LifecycleSupport.Ism, true)]
    [InlineData(LifecycleMode.Auto, LifecycleSupport.None, LifecycleSupport.None, true)]
    internal void Who_deletes_follows_from_the_setting_and_the_server(LifecycleMode mode, LifecycleSupport support, LifecycleSupport policies, bool collectorDeletes) =>
        LifecycleProbe.Choose(mode, support).Should().Be((policies, collectorDeletes));

    [Fact]
    public async Task A_server_alone_that_cannot_delete_is_told()
    {
        await using var bench = await BootstrapBench.FakeAsync(ServerFlavour.OpenSearch2, hasStateManagement: false);
        bench.Settings.Lifecycle = LifecycleMode.Server;

        (await bench.EnsureAsync()).Notes.Should().ContainSingle().Which.Should().Contain("nothing deletes old indices");
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public async Task What_a_newer_collector_made_is_left_alone(string product, string version)
    {
        await using var bench = await BootstrapBench.FakeAsync(new ServerFlavour(product, version));
        await bench.EnsureAsync();
        await bench.Server.DoAsync("PUT", "/_component_template/logs-gpu-settings", """{"template":{"settings":{"index.number_of_shards":3}},"version":9,"_meta":{"managed_by":"gpu-collector","version":9,"digest":"x"}}""");

        var report = await bench.EnsureAsync();

        report.Changed.Should().BeEmpty();
        report.Notes.Should().ContainSingle().Which.Should().Contain("logs-gpu-settings has version 9 of a newer collector");
        (await bench.Server.DoAsync("GET", "/_component_template/logs-gpu-settings")).ToJsonString().Should().Contain("\"3\"".Replace("\"", "", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public async Task Another_retention_changes_the_policies_and_nothing_else(string product, string version)
    {
        await using var bench = await BootstrapBench.FakeAsync(new ServerFlavour(product, version));
        await bench.EnsureAsync();
        bench.Settings.Streams.Event.Retention = TimeSpan.FromDays(100);

        (await bench.EnsureAsync()).Changed.Should().ContainSingle().Which.Should().EndWith("logs-gpu.event-default").And.Contain("polic");

        var policy = await bench.Server.DoAsync("GET", product == "OpenSearch" ? "/_plugins/_ism/policies/logs-gpu.event-default" : "/_ilm/policy/logs-gpu.event-default");
        policy.ToJsonString().Should().Contain("\"131d\"", "the index of a month is written to for 31 days before its retention begins to run out");
        (await bench.EnsureAsync()).Changed.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public async Task An_older_version_is_brought_up_to_date_and_indices_that_are_there_get_the_new_fields(string product, string version)
    {
        var flavour = new ServerFlavour(product, version);
        await using var bench = await BootstrapBench.FakeAsync(flavour);
        await bench.EnsureAsync();
        await bench.Server.DoAsync("PUT", "/_component_template/logs-gpu.event-mappings",
            """{"template":{"mappings":{"dynamic":false,"properties":{"@timestamp":{"type":"date"}}}},"version":0,"_meta":{"managed_by":"gpu-collector","version":0,"digest":"old"}}""");
        var document = GoldenDocumentsOf(bench).First(static one => one.Stream == SearchStream.Event).Document;
        (await bench.CreateAsync(document)).Status.Should().Be(201);

        var report = await bench.EnsureAsync();

        report.Changed.Should().Equal("_component_template/logs-gpu.event-mappings");
        report.Notes.Should().BeEmpty();
        // A field of the new mapping has a type now: what does not fit it is refused.
        var wrong = document with { Id = "another", Json = """{"@timestamp":"2026-11-21T00:00:00Z","event":{"severity":"high"}}"""u8.ToArray() };
        (await bench.CreateAsync(wrong)).Status.Should().Be(400);
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public async Task An_upgrade_that_is_interrupted_anywhere_reaches_the_indices_at_the_next_look(string product, string version)
    {
        var taken = -1;
        for (var isDone = false; !isDone;)
        {
            taken++;
            await using var bench = await BootstrapBench.FakeAsync(new ServerFlavour(product, version));
            await bench.EnsureAsync();
            foreach (var part in (string[])["logs-gpu-settings", "logs-gpu.event-mappings"])
                await bench.Server.DoAsync("PUT", "/_component_template/" + part,
                    """{"template":{"mappings":{"dynamic":false,"properties":{"@timestamp":{"type":"date"}}}},"version":0,"_meta":{"managed_by":"gpu-collector","version":0,"digest":"old"}}""");
            var document = GoldenDocumentsOf(bench).First(static one => one.Stream == SearchStream.Event).Document;
            (await bench.CreateAsync(document)).Status.Should().Be(201);

            bench.Server.Front.PutsLeft = taken;
            try
            {
                await bench.EnsureAsync();
                isDone = true;
            }
            catch (Exception fault) when (fault is BootstrapException or ElasticsearchUnreachableException)
            {
                bench.Server.Front.PutsLeft = null;
                await bench.EnsureAsync();
            }

            var wrong = document with { Id = "another", Json = """{"@timestamp":"2026-11-21T00:00:00Z","event":{"severity":"high"}}"""u8.ToArray() };
            (await bench.CreateAsync(wrong)).Status.Should().Be(400, $"the field has a type now, though the server was gone after {taken} changes");
        }

        taken.Should().BeGreaterThan(2);
    }

    [Fact]
    public async Task By_hand_documents_wait_until_somebody_has_installed_what_is_printed()
    {
        await using var bench = await BootstrapBench.FakeAsync(ServerFlavour.Elasticsearch8);
        bench.Settings.Bootstrap = BootstrapMode.Manual;
        (await bench.Invoking(static one => one.EnsureAsync()).Should().ThrowAsync<BootstrapException>()).WithMessage("*gpu-collector elasticsearch templates*");
        bench.Server.Front.Seen.Should().NotContain(static request => request.Method == "PUT");

        foreach (var part in new ServerParts(MappingTypes.Of(isOpenSearch: false, 8, 17), LifecycleSupport.Ilm, bench.Settings.Streams, bench.Places).All())
        {
            // As a person copies it from the console's form: the first line is the request, the rest its body.
            var lines = part.ToConsole().Split('\n', 2);
            await bench.Server.DoAsync("PUT", lines[0]["PUT ".Length..], lines[1]);
        }

        (await bench.EnsureAsync()).Notes.Should().BeEmpty();
    }

    [Fact]
    public async Task Two_collectors_at_once_leave_what_one_leaves()
    {
        await using var bench = await BootstrapBench.FakeAsync(ServerFlavour.OpenSearch2);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => bench.EnsureAsync()));

        (await bench.EnsureAsync()).Changed.Should().BeEmpty();
    }

    [Fact]
    public async Task A_refusal_names_what_the_server_said_and_the_privileges()
    {
        await using var bench = await BootstrapBench.FakeAsync(ServerFlavour.Elasticsearch8);
        var server = await bench.Client.DetectAsync(CancellationToken.None);
        bench.Server.Front.Authorizations = new HashSet<string> { "ApiKey somebody-else" };

        (await new ServerBootstrap(bench.Settings, bench.Places).Invoking(one => one.EnsureAsync(bench.Client, server, CancellationToken.None)).Should().ThrowAsync<BootstrapException>())
            .WithMessage("_component_template/logs-gpu-settings could not be asked for at http*401*security_exception*manage_index_templates*manual*");
    }

    private static IReadOnlyList<(string Name, SearchStream Stream, Monitoring.Elasticsearch.Documents.SourceDocument Document)> GoldenDocumentsOf(BootstrapBench bench) =>
        Documents.GoldenDocuments.All(Documents.GoldenDocuments.OpenPrivacy, bench.Places);
}
