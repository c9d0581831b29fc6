using FluentAssertions;
using Monitoring.Elasticsearch.DeadLetters;
using Monitoring.Elasticsearch.Delivery;
using Monitoring.Tests.Elasticsearch.Servers;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Conformance;

/// <summary>The table of <c>_bulk</c>, row by row: each fault on order, before a fake and before the real server.</summary>
[Collection(nameof(RealServers))]
public sealed class FaultTests(RealServers servers)
{
    private static readonly Dictionary<string, RequestFault> Passing = new(StringComparer.Ordinal)
    {
        ["429 of the request"] = RequestFault.TooManyRequests, ["429 of the circuit breaker"] = RequestFault.CircuitBreaker, ["500"] = RequestFault.InternalError, ["502 of a proxy"] = RequestFault.BadGateway,
        ["503 of a proxy"] = RequestFault.ServiceUnavailable, ["503 without a master"] = RequestFault.NoMaster, ["504 after it was stored"] = RequestFault.GatewayTimeoutAfterStoring,
        ["401"] = RequestFault.Unauthorized, ["403"] = RequestFault.Forbidden, ["a page with status 200"] = RequestFault.PageOfSuccess,
        ["the connection is cut before"] = RequestFault.Of(RequestFaultKind.CutBeforeStoring), ["the connection is cut after it was stored"] = RequestFault.Of(RequestFaultKind.CutAfterStoring),
        ["the answer is cut"] = RequestFault.Of(RequestFaultKind.TruncatedTransfer), ["the answer is half of its JSON"] = RequestFault.Of(RequestFaultKind.TruncatedJson),
        ["an item is missing"] = RequestFault.Of(RequestFaultKind.OneItemLess), ["an item is too much"] = RequestFault.Of(RequestFaultKind.OneItemMore),
    };

    public static TheoryData<string, string> RequestFaults { get; } = [.. Passing.Keys.SelectMany(static fault => new[] { (ServerFlavour.Elasticsearch8.ToString(), fault), (TestServers.Real, fault) })];

    [Theory]
    [MemberData(nameof(RequestFaults))]
    public async Task After_a_fault_that_passes_every_document_is_stored_once(string name, string fault)
    {
        await using var server = await servers.StartAsync(name);
        await using var run = new DeliveryRun(server.Address);
        server.Front.Plan = new ScriptedFaults(Passing[fault], Passing[fault], null, Passing[fault]);
        var ids = run.Append(30);
        await run.StartAsync();
        await run.UntilSettledAsync();
        ids.AddRange(run.Append(30));
        await run.UntilSettledAsync();
        (await run.ReadStoredAsync(server)).Keys.ShouldBeExactly(ids);
        run.ReadDeadLetters().Should().BeEmpty();
        run.Tally.Failures.Values.Sum().Should().BePositive();
    }

    [Theory]
    [InlineData(RequestFaultKind.SilenceBeforeStoring)]
    [InlineData(RequestFaultKind.SilenceAfterStoring)]
    public async Task A_server_that_does_not_answer_is_asked_again(object kind)
    {
        await using var server = await SearchServer.FakeAsync(ServerFlavour.Elasticsearch9);
        await using var run = new DeliveryRun(server.Address, static settings => settings.RequestTimeout = TimeSpan.FromSeconds(1));
        server.Front.Plan = new ScriptedFaults(RequestFault.Of((RequestFaultKind)kind));
        var ids = run.Append(30);
        await run.StartAsync();
        await run.UntilSettledAsync();
        (await run.ReadStoredAsync(server)).Keys.ShouldBeExactly(ids);
        run.Tally.Failures.Should().ContainKey("timeout");
    }

    [Theory]
    [MemberData(nameof(TestServers.All), MemberType = typeof(TestServers))]
    public async Task Only_documents_with_a_passing_fault_are_sent_again(string name)
    {
        await using var server = await servers.StartAsync(name);
        await using var run = new DeliveryRun(server.Address);
        var ids = run.Append(20);
        ItemFault[] faults = [ItemFault.Rejected(server.Flavour), ItemFault.Unavailable, ItemFault.InternalError, ItemFault.BadGateway, ItemFault.Timeout, ItemFault.FloodStage, ItemFault.ReadOnly];
        var plan = new ScriptedFaults();
        foreach (var (fault, index) in faults.Select(static (fault, index) => (fault, index))) plan.WithItem(ids[index], fault, fault);
        server.Front.Plan = plan;
        await run.StartAsync();
        await run.UntilSettledAsync();
        var stored = await run.ReadStoredAsync(server);
        stored.Keys.ShouldBeExactly(ids);
        stored.Values.Should().OnlyContain(static document => document.Version == 1);
        run.ReadDeadLetters().Should().BeEmpty();
        (run.Tally.Sent, run.Tally.Duplicates, run.Tally.Retried).Should().Be((20, 0, 2 * faults.Length));
    }

    [Theory]
    [MemberData(nameof(TestServers.All), MemberType = typeof(TestServers))]
    public async Task Documents_that_are_refused_are_dead_letters_and_can_be_sent_again_when_the_fault_is_mended(string name)
    {
        await using var server = await servers.StartAsync(name);
        await using var run = new DeliveryRun(server.Address);
        var ids = run.Append(20);
        server.Front.Plan = new ScriptedFaults().WithItemAlways(ids[2], ItemFault.WrongType).WithItemAlways(ids[5], ItemFault.NoIndex).WithItemAlways(ids[7], ItemFault.FailureStore);
        await run.StartAsync();
        await run.UntilSettledAsync();
        (await run.ReadStoredAsync(server)).Keys.ShouldBeExactly(ids.Except([ids[2], ids[5], ids[7]]));
        run.ReadDeadLetters().Should().BeEquivalentTo([(ids[2], "document_parsing_exception", 400), (ids[5], "index_not_found_exception", (int?)404)]);
        (run.Tally.Sent, run.Tally.DeadLetters, run.Tally.FailureStore).Should().Be((17, 2, 1));

        server.Front.Plan = new NoFaults();
        var result = await DeadLetterReplay.RunAsync(run.Settings, run.Options, Eventually.Patience, TimeProvider.System, NullLogger<ElasticsearchDelivery>.Instance, CancellationToken.None);
        result.Should().Be(new ReplayResult(Stored: 2, Duplicates: 0, RefusedAgain: 0, Unreadable: 0, Left: 0));
        (await run.ReadStoredAsync(server)).Keys.ShouldBeExactly(ids.Except([ids[7]]));
        run.ReadDeadLetters().Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(TestServers.All), MemberType = typeof(TestServers))]
    public async Task Of_a_request_that_cannot_be_read_the_document_to_blame_is_found(string name)
    {
        await using var server = await servers.StartAsync(name);
        await using var run = new DeliveryRun(server.Address);
        var ids = run.Append(100);
        server.Front.Plan = new MalformedWith(ids[41]);
        await run.StartAsync();
        await run.UntilSettledAsync();
        (await run.ReadStoredAsync(server)).Keys.ShouldBeExactly(ids.Except([ids[41]]));
        run.ReadDeadLetters().Select(static letter => (letter.Id, letter.Status)).Should().Equal((ids[41], 400));
    }

    [Theory]
    [MemberData(nameof(TestServers.All), MemberType = typeof(TestServers))]
    public async Task Credentials_that_are_refused_stop_and_lose_nothing(string name)
    {
        const string key = "VnVhQ2ZHY0JDZGJrUW0tZTVhT3g6dWkybHAyYXhUTm1zeWFrdzl0dk5udw==";
        await using var server = await servers.StartAsync(name);
        await using var run = new DeliveryRun(server.Address, static settings => settings.ApiKey = key);
        server.Front.Authorizations = new HashSet<string> { "ApiKey of another" };
        var ids = run.Append(30);
        await run.StartAsync();
        await Eventually.HoldsAsync("the credentials are refused again", () => run.Tally.Failures.GetValueOrDefault("status_401") > 1);
        (run.Spool.Waiting, run.Tally.DeadLetters).Should().Be((30, 0));
        server.Front.Authorizations = new HashSet<string> { "ApiKey " + key };
        await run.UntilSettledAsync();
        server.Front.Authorizations = null;
        (await run.ReadStoredAsync(server)).Keys.ShouldBeExactly(ids);
    }

    [Theory]
    [MemberData(nameof(TestServers.All), MemberType = typeof(TestServers))]
    public async Task Another_node_is_asked_where_one_is_gone_and_all_wait_where_none_is_left(string name)
    {
        await using var one = await servers.StartAsync(name);
        await using var other = await one.WithFrontOfItsOwnAsync();
        await using var run = new DeliveryRun(one.Address, settings => settings.Urls.Add(other.Address));
        await one.Front.PauseAsync();
        var ids = run.Append(30);
        await run.StartAsync();
        await run.UntilSettledAsync();
        await other.Front.PauseAsync();
        ids.AddRange(run.Append(30));
        await Eventually.HoldsAsync("no node answers", () => run.Tally.Failures.GetValueOrDefault("unreachable") > 1);
        run.Spool.Waiting.Should().Be(30);
        await one.Front.ResumeAsync();
        await run.UntilSettledAsync();
        (await run.ReadStoredAsync(one)).Keys.ShouldBeExactly(ids);
    }

    [Theory]
    [MemberData(nameof(TestServers.All), MemberType = typeof(TestServers))]
    public async Task The_client_finds_out_what_answers(string name)
    {
        await using var server = await servers.StartAsync(name);
        await using var run = new DeliveryRun(server.Address);
        var found = await run.Client.DetectAsync(CancellationToken.None);
        (found.IsOpenSearch, found.Version.ToString()).Should().Be((server.Flavour.IsOpenSearch, server.Flavour.Version));
    }

    /// <summary>A request with this document cannot be read.</summary>
    private sealed class MalformedWith(string id) : IFaultPlan
    {
        public RequestFault? OfRequest(ServerRequest request, IReadOnlyList<ReceivedAction> actions) => actions.Any(action => action.Id == id) ? RequestFault.Malformed : null;

        public ItemFault? OfItem(ReceivedAction action) => null;
    }
}
