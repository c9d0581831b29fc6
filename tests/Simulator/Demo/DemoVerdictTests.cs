using System.Net;
using System.Text;
using FluentAssertions;
using Monitoring.Simulator.Demo;
using Xunit;

namespace Monitoring.Tests.Simulator.Demo;

/// <summary>The verdict of a timed demo on answers of Prometheus' API.</summary>
public sealed class DemoVerdictTests
{
    [Fact]
    public async Task Nothing_is_missing_when_every_gpu_was_scraped_both_ways() =>
        (await MissingAsync((query) => query.StartsWith("max_over_time") ? Series("{}", "{}") : AllGpus)).Should().BeEmpty();

    [Fact]
    public async Task Missing_gpus_are_named_with_their_job()
    {
        var missing = await MissingAsync(query =>
            query.StartsWith("max_over_time") ? Series("{}", "{}")
            : query.Contains(PrometheusConfiguration.AgentJob) ? Series("""{"node":"demo-node-1","gpu":"0"}""", """{"node":"demo-node-1","gpu":"1"}""")
            : AllGpus);

        missing.Should().Equal("job gpu-via-agent: no gpu_power_watts of demo-node-2, GPU 0, 1");
    }

    [Fact]
    public async Task Targets_that_are_down_are_counted()
    {
        var missing = await MissingAsync(query => query.StartsWith("max_over_time") ? Series("{}") : AllGpus);

        missing.Should().Equal("job gpu-via-collector: 1 of 2 targets are up", "job gpu-via-agent: 1 of 2 targets are up");
    }

    [Fact]
    public async Task More_gpus_than_simulated_are_no_success()
    {
        var missing = await MissingAsync(query =>
            query.StartsWith("max_over_time") ? Series("{}", "{}")
            : AllGpus.Replace("[", """[{"metric":{"node":"other","gpu":"0"}},"""));

        missing.Should().HaveCount(2).And.OnlyContain(sentence => sentence.EndsWith("5 GPUs, and only 4 are simulated"));
    }

    private static string AllGpus { get; } = Series(
        """{"node":"demo-node-1","gpu":"0"}""", """{"node":"demo-node-1","gpu":"1"}""",
        """{"node":"demo-node-2","gpu":"0"}""", """{"node":"demo-node-2","gpu":"1"}""");

    private static string Series(params string[] labels) =>
        $$$"""{"status":"success","data":{"resultType":"vector","result":[{{{string.Join(',', labels.Select(Vector))}}}]}}""";

    private static string Vector(string labels) => $$"""{"metric":{{labels}},"value":[1,"1"]}""";

    private static async Task<IReadOnlyList<string>> MissingAsync(Func<string, string> answer)
    {
        using var http = new HttpClient(new Answers(answer));
        return await new DemoVerdict(new PrometheusClient(http, "127.0.0.1:9090"), NodeCount: 2, GpuCount: 2)
            .MissingAsync(TimeSpan.FromSeconds(60), CancellationToken.None);
    }

    /// <summary>Answers a query of Prometheus' API by a function of its text.</summary>
    private sealed class Answers(Func<string, string> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var query = Uri.UnescapeDataString(request.RequestUri!.Query["?query=".Length..]);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent(answer(query), Encoding.UTF8, "application/json"),
            });
        }
    }
}
