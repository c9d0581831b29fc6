using System.Globalization;
using System.Text.Json.Nodes;
using FluentAssertions;
using Monitoring.Tests.Elasticsearch.Servers;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Conformance;

/// <summary>
/// Everything fails at once, and who sends and who stores die by SIGKILL at random moments: each document is stored exactly once, or lies
/// with the dead letters. <c>scripts/test-elasticsearch.sh</c> runs it long.
/// </summary>
public sealed class SuddenDeathTests(ITestOutputHelper output)
{
    private const int Seed = 1;

    // A sender holds a window of 32 MiB of documents, requests under way and a runtime.
    private const long MostMemory = 400L << 20;

    // So that deaths come while there is something to send, on a fast machine too.
    private static readonly int DocumentsPerSecond = Number("ELASTICSEARCH_DOCUMENTS_PER_SECOND", 2000);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(Number("ELASTICSEARCH_MINUTES", 3));
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task With_every_fault_at_random_each_document_is_stored_once_or_is_a_dead_letter()
    {
        var documents = Number("ELASTICSEARCH_FAULT_DOCUMENTS", 10_000);
        var deaths = Number("ELASTICSEARCH_FAULT_DEATHS", 3);
        await using var server = await SearchServer.FakeAsync(ServerFlavour.Elasticsearch8);
        var faults = new RandomFaults(Seed, server.Flavour, requestRate: 0.25, itemRate: 0.005, lastingRate: 0.003);
        server.Front.Plan = faults;
        server.Front.MaxContentLength = 300_000;
        await using var sender = new SenderProcess(server.Address, documents, DocumentsPerSecond);
        var began = TimeProvider.System.GetTimestamp();
        var random = new Random(Seed);
        for (var death = 1; death <= deaths; death++)
        {
            await ProceedAsync(sender, documents, death, deaths, random);
            await sender.KillAsync();
        }

        sender.Allow(documents);
        await sender.StartAsync();
        var last = await sender.UntilDoneAsync(Patience);
        server.Front.Plan = new NoFaults();
        var stored = await ShouldBeOnceAsync(server, sender);
        var dead = DeliveryRun.ReadDeadLetters(sender.DeadLetterDirectory);
        var lasting = sender.Ids.Where(id => faults.LastingFaultOf(id) is not null).ToList();
        dead.Select(static letter => letter.Id).Distinct().ShouldBeExactly(lasting.Where(id => !faults.LastingFaultOf(id)!.GoesToFailureStore));
        stored.Should().HaveCount(documents - lasting.Count);
        faults.Names.Except(faults.Drawn.Keys).Should().BeEmpty("every fault is to happen");
        last["peak_bytes"]!.GetValue<long>().Should().BeLessThan(MostMemory);
        last["dropped"]!.GetValue<long>().Should().Be(0);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{documents} documents, {deaths} deaths of the sender, {faults.Drawn.Values.Sum()} faults of {faults.Drawn.Count} kinds, {server.Front.BulkRequests} requests, {TimeProvider.System.GetElapsedTime(began).TotalSeconds:F0} s; dead letters {lasting.Count}; sender at the end: {last.ToJsonString()}"));
    }

    [Fact]
    public async Task Over_deaths_of_the_real_server_and_of_the_sender_and_rollovers_each_document_is_stored_once()
    {
        var documents = Number("ELASTICSEARCH_DEATH_DOCUMENTS", 8_000);
        var (deaths, rollovers) = (Number("ELASTICSEARCH_DEATHS", 2), Number("ELASTICSEARCH_ROLLOVERS", 2));
        Requirement.That(RealServers.Named is null, "the server that ELASTICSEARCH_URL names is not killed");
        await using var server = await SearchServer.RealAsync();
        await using var sender = new SenderProcess(server.Address, documents, DocumentsPerSecond);
        var alias = $"logs-gpu.{sender.Name}-default";
        await server.DoAsync("PUT", $"/_index_template/{sender.Name}", $$"""{"index_patterns":["logs-gpu.{{sender.Name}}-*"],"priority":510,"template":{"settings":{"number_of_replicas":0},"mappings":{"dynamic":false,"properties":{"message":{"type":"text"},"gpu":{"properties":{"index":{"type":"byte"} } } } } } }""");
        foreach (var month in (string[])["09", "10", "11"])
            await server.DoAsync("PUT", $"/{alias}-2026.{month}-000001", $$"""{"aliases":{"{{alias}}":{"is_write_index":{{(month == "11" ? "true" : "false")}}} } }""");
        var began = TimeProvider.System.GetTimestamp();
        var random = new Random(Seed);
        var events = Enumerable.Repeat("server", deaths).Concat(Enumerable.Repeat("rollover", rollovers)).Concat(Enumerable.Repeat("sender", deaths)).ToArray();
        random.Shuffle(events);
        var done = 0;
        foreach (var what in events)
        {
            await ProceedAsync(sender, documents, ++done, events.Length, random);
            switch (what)
            {
                case "server":
                    await server.Process!.KillAsync();
                    await server.Process.RestartAsync();
                    break;
                case "sender":
                    await sender.KillAsync();
                    break;
                default:
                    (await server.DoAsync("POST", $"/{alias}/_rollover"))["rolled_over"]!.GetValue<bool>().Should().BeTrue();
                    break;
            }
        }

        sender.Allow(documents);
        await sender.StartAsync();
        var last = await sender.UntilDoneAsync(Patience);
        var stored = await ShouldBeOnceAsync(server, sender);
        stored.ShouldBeExactly(sender.Ids);
        DeliveryRun.ReadDeadLetters(sender.DeadLetterDirectory).Should().BeEmpty();
        last["peak_bytes"]!.GetValue<long>().Should().BeLessThan(MostMemory);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{documents} documents, {deaths} deaths of the server, {deaths} of the sender, {rollovers} rollovers, {TimeProvider.System.GetElapsedTime(began).TotalSeconds:F0} s; sender at the end: {last.ToJsonString()}"));
    }

    /// <summary>Fails where a document is stored twice, or is not what was sent.</summary>
    private static async Task<HashSet<string>> ShouldBeOnceAsync(SearchServer server, SenderProcess sender)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var document in await server.ReadAllAsync($"logs-gpu.{sender.Name}-*"))
        {
            Assert.True(ids.Add(document.Id), $"{document.Id} is stored twice, in {document.Index} too");
            Assert.True(document.Version == 1, $"{document.Id} was written {document.Version} times");
            var sequence = JsonNode.Parse(document.Json.Span)!["event"]!["sequence"]!.GetValue<int>();
            Assert.True(document.Id == string.Create(CultureInfo.InvariantCulture, $"{sender.Name}-{sequence:D8}"), $"{document.Id} holds {sequence}");
        }

        return ids;
    }

    /// <summary>Lets the sender, which is started where it is dead, go a step further, and returns at a random moment after it had made the steps before.</summary>
    private static async Task ProceedAsync(SenderProcess sender, int documents, int step, int steps, Random random)
    {
        var most = documents / (steps + 1);
        sender.Allow(most * step);
        await sender.StartAsync();
        await Eventually.HoldsAsync($"{most * (step - 1)} documents come into being", () => sender.Appended >= most * (step - 1), Patience);
        using var moment = new PeriodicTimer(Tick + (TimeSpan.FromSeconds((double)most / DocumentsPerSecond) * random.NextDouble()));
        await moment.WaitForNextTickAsync();
    }

    private static int Number(string variable, int usual) => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : usual;
}
