using FluentAssertions;
using Monitoring.Tests.Elasticsearch.Servers;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Conformance;

/// <summary>What servers do by themselves: documents are stored once, or lie with the dead letters with the server's reason.</summary>
[Collection(nameof(RealServers))]
public sealed class StoredOnceTests(RealServers servers)
{
    [Theory]
    [MemberData(nameof(TestServers.All), MemberType = typeof(TestServers))]
    public async Task Documents_are_stored_under_their_ids(string name)
    {
        await using var server = await servers.StartAsync(name);
        await using var run = new DeliveryRun(server.Address);
        var ids = run.Append(500);
        await run.StartAsync();
        await run.UntilSettledAsync();
        var stored = await run.ReadStoredAsync(server);
        stored.Keys.ShouldBeExactly(ids);
        stored.Values.Should().OnlyContain(document => document.Index == run.Index && document.Version == 1);
        run.Tally.Sent.Should().Be(500);
        server.Front.Seen.Should().Contain(static one => one.WasCompressed && one.ContentType == "application/x-ndjson");
    }

    [Theory]
    [MemberData(nameof(TestServers.All), MemberType = typeof(TestServers))]
    public async Task What_is_there_already_counts_as_stored(string name)
    {
        await using var server = await servers.StartAsync(name);
        await using var run = new DeliveryRun(server.Address);
        var ids = run.Append(10);
        (await server.AskAsync("POST", $"/{run.Index}/_bulk", $$"""{"create":{"_id":"{{ids[3]}}"} }{{'\n'}}{"number":4}{{'\n'}}""", "application/x-ndjson")).Status.Should().Be(200);
        await run.StartAsync();
        await run.UntilSettledAsync();
        (await run.ReadStoredAsync(server)).Keys.ShouldBeExactly(ids);
        (run.Tally.Sent, run.Tally.Duplicates).Should().Be((9, 1));
        run.ReadDeadLetters().Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(TestServers.All), MemberType = typeof(TestServers))]
    public async Task A_document_that_does_not_fit_the_mapping_is_a_dead_letter_and_the_others_are_stored(string name)
    {
        await using var server = await servers.StartAsync(name);
        await using var run = new DeliveryRun(server.Address);
        await server.DoAsync("PUT", $"/{run.Index}", """{"mappings":{"properties":{"number":{"type":"long"},"gpu":{"properties":{"index":{"type":"short"}}}}}}""");
        var ids = run.Append(20);
        run.Append("wrong-type", """{"number":"many"}""");
        run.Append("wrong-shape", """{"gpu":"zero"}""");
        run.Append("too-large-for-it", """{"gpu":{"index":40000}}""");
        run.Append("broken", """{"number":1,""");
        await run.StartAsync();
        await run.UntilSettledAsync();
        (await run.ReadStoredAsync(server)).Keys.ShouldBeExactly(ids);
        run.ReadDeadLetters().Select(static letter => (letter.Id, letter.Error, letter.Status)).Should().BeEquivalentTo(
            new[] { "wrong-type", "wrong-shape", "too-large-for-it", "broken" }.Select(id => (id, server.Flavour.ParsingError, (int?)400)));
        run.Tally.DeadLetters.Should().Be(4);
    }

    [Theory]
    [MemberData(nameof(TestServers.All), MemberType = typeof(TestServers))]
    public async Task Without_an_index_a_document_is_a_dead_letter(string name)
    {
        Requirement.That(name != TestServers.Real || RealServers.Named is null, "the test changes settings of the cluster, which it does not to the server that ELASTICSEARCH_URL names");
        await using var server = await servers.StartAsync(name);
        await using var run = new DeliveryRun(server.Address);
        var ids = run.Append(5);
        await server.DoAsync("PUT", "/_cluster/settings", """{"persistent":{"action.auto_create_index":"false"}}""");
        try
        {
            await run.StartAsync();
            await run.UntilSettledAsync();
        }
        finally
        {
            await server.DoAsync("PUT", "/_cluster/settings", """{"persistent":{"action.auto_create_index":null}}""");
        }

        run.ReadDeadLetters().Should().BeEquivalentTo(ids.Select(static id => (id, "index_not_found_exception", (int?)404)));
    }

    [Theory]
    [MemberData(nameof(TestServers.All), MemberType = typeof(TestServers))]
    public async Task Documents_wait_while_the_cluster_takes_no_more_shards(string name)
    {
        Requirement.That(name != TestServers.Real || RealServers.Named is null, "the test changes settings of the cluster, which it does not to the server that ELASTICSEARCH_URL names");
        await using var server = await servers.StartAsync(name);
        await using var run = new DeliveryRun(server.Address);
        var ids = run.Append(5);
        await server.DoAsync("PUT", "/_cluster/settings", """{"persistent":{"cluster.max_shards_per_node":1}}""");
        try
        {
            await run.StartAsync();
            await Eventually.HoldsAsync("it was tried again", () => run.Tally.Requests > 2);
            (run.Spool.Waiting, run.Tally.Sent).Should().Be((5, 0));
        }
        finally
        {
            await server.DoAsync("PUT", "/_cluster/settings", """{"persistent":{"cluster.max_shards_per_node":null}}""");
        }

        await run.UntilSettledAsync();
        (await run.ReadStoredAsync(server)).Keys.ShouldBeExactly(ids);
        run.ReadDeadLetters().Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(TestServers.All), MemberType = typeof(TestServers))]
    public async Task Documents_wait_while_the_disk_is_full_or_the_index_closed_to_writing(string name)
    {
        await using var server = await servers.StartAsync(name);
        foreach (var block in (string[])["index.blocks.read_only_allow_delete", "index.blocks.write"])
        {
            await using var run = new DeliveryRun(server.Address);
            await server.DoAsync("PUT", $"/{run.Index}");
            await server.DoAsync("PUT", $"/{run.Index}/_settings", $$"""{"{{block}}":true}""");
            var ids = run.Append(20);
            await run.StartAsync();
            // More than one attempt was refused, and every one is kept.
            await Eventually.HoldsAsync("it was tried again", () => run.Tally.Requests > 2);
            (run.Spool.Waiting, run.Tally.Sent).Should().Be((20, 0), block);
            await server.DoAsync("PUT", $"/{run.Index}/_settings", $$"""{"{{block}}":null}""");
            await run.UntilSettledAsync();
            (await run.ReadStoredAsync(server)).Keys.ShouldBeExactly(ids, block);
            run.ReadDeadLetters().Should().BeEmpty(block);
        }
    }

    [Theory]
    [MemberData(nameof(TestServers.All), MemberType = typeof(TestServers))]
    public async Task Requests_over_the_limit_are_split_and_a_document_over_it_is_a_dead_letter(string name)
    {
        await using var server = await servers.StartNarrowAsync(name);
        await using var run = new DeliveryRun(server.Address);
        var ids = run.Append(2000, padding: 1500);
        run.Append("giant", $$"""{"message":"{{new string('x', 2 << 20)}}"}""");
        ids.AddRange(run.Append(500, padding: 1500));
        await run.StartAsync();
        await run.UntilSettledAsync();
        (await run.ReadStoredAsync(server)).Keys.ShouldBeExactly(ids);
        run.ReadDeadLetters().Should().Equal(("giant", "too_large", 413));
        server.Front.Seen.Should().Contain(static one => one.Status == 413 && one.Documents > 1);
    }

    [Fact]
    public async Task Documents_that_a_full_queue_rejects_are_sent_again()
    {
        await using var server = await servers.NarrowAsync();
        var runs = Enumerable.Range(0, 4).Select(_ => new DeliveryRun(server.Address, static settings => settings.MaxBatchDocuments = 100, requestsAtOnce: 4)).ToList();
        try
        {
            var ids = runs.ConvertAll(static run => run.Append(3000));
            await Task.WhenAll(runs.Select(static run => run.StartAsync()));
            foreach (var run in runs) await run.UntilSettledAsync();
            foreach (var (run, expected) in runs.Zip(ids))
            {
                (await run.ReadStoredAsync(server)).Keys.ShouldBeExactly(expected);
                run.ReadDeadLetters().Should().BeEmpty();
            }

            runs.Sum(static run => run.Tally.Retried).Should().BePositive("one writing thread with room for one more rejects some");
        }
        finally
        {
            foreach (var run in runs) await run.DisposeAsync();
        }
    }

    [Theory]
    [MemberData(nameof(TestServers.All), MemberType = typeof(TestServers))]
    public async Task A_rollover_between_the_attempts_stores_nothing_twice(string name)
    {
        await using var server = await servers.StartAsync(name);
        await using var run = new DeliveryRun(server.Address);
        var alias = $"logs-gpu.{run.Name}-default";
        await server.DoAsync("PUT", $"/{run.Index}", $$$"""{"aliases":{"{{{alias}}}":{"is_write_index":true} } }""");
        var ids = run.Append(50);
        // All is stored and no answer comes; what the attempts after that meet is another write index.
        server.Front.Plan = new ScriptedFaults([.. Enumerable.Repeat(RequestFault.Of(RequestFaultKind.CutAfterStoring), 3), .. Enumerable.Repeat(RequestFault.NoMaster, 10)]);
        await run.StartAsync();
        await Eventually.HoldsAsync("three attempts were cut", () => run.Tally.Requests >= 4);
        (await server.DoAsync("POST", $"/{alias}/_rollover"))["rolled_over"]!.GetValue<bool>().Should().BeTrue();
        ids.AddRange(run.Append(50));
        await run.UntilSettledAsync();
        var stored = await run.ReadStoredAsync(server);
        stored.Keys.ShouldBeExactly(ids);
        stored.Values.Should().OnlyContain(document => document.Index == run.Index);
        run.Tally.Duplicates.Should().BePositive();
        (await server.DoAsync("GET", $"/{alias}/_count"))["count"]!.GetValue<int>().Should().Be(100);
    }
}
