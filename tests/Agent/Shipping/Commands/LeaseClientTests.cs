using System.Net;
using System.Text;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Shipping;
using Monitoring.Agent.Shipping.Commands;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using Monitoring.Contracts.Events;
using Xunit;

namespace Monitoring.Tests.Agent.Shipping.Commands;

public sealed class LeaseClientTests
{
    [Theory]
    [InlineData(200, """{"granted":true,"words":"ok"}""", true, null)]
    [InlineData(200, """{"granted":false,"refusal":"budget","words":"4 captures"}""", false, CaptureRefusal.Budget)]
    [InlineData(400, "no", false, CaptureRefusal.Invalid)]
    public async Task The_answer_of_the_collector_holds(int status, string body, bool isGranted, CaptureRefusal? refusal)
    {
        var answer = await AskAsync((HttpStatusCode)status, body, new ManualTimeProvider());
        (answer!.Granted, answer.Refusal).Should().Be((isGranted, refusal));
    }

    [Theory]
    [InlineData(200, "<html>")]
    [InlineData(404, "")]
    [InlineData(503, "")]
    public async Task Where_no_collector_answers_nothing_is_said(int status, string body)
    {
        var clock = new ManualTimeProvider();
        var answer = AskAsync((HttpStatusCode)status, body, clock);
        await Eventually.HoldsAsync("the question is given up", () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return answer.IsCompleted;
        });

        (await answer).Should().BeNull();
    }

    private static async Task<CaptureLeaseAnswer?> AskAsync(HttpStatusCode status, string body, ManualTimeProvider clock)
    {
        using var client = new LeaseClient(new CollectorSettings { Endpoint = new Uri("http://collector:9461") }, clock, NullLogger<LeaseClient>.Instance, new Answering(status, body));
        return await client.AskAsync(new CaptureLeaseRequest(EventId.Of("a"), "c", "n1", "hot"), CancellationToken.None);
    }

    private sealed class Answering(HttpStatusCode status, string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8) });
    }
}
