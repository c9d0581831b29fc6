using System.Net;
using System.Text;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Elasticsearch.Connection;
using Xunit;

namespace Monitoring.Tests.Elasticsearch.Connection;

public sealed class ElasticsearchClientTests
{
    private const string Elasticsearch = """{"name":"n","cluster_name":"gpu","cluster_uuid":"u1","version":{"number":"8.17.0","build_flavor":"default"},"tagline":"You Know, for Search"}""";

    private readonly ManualTimeProvider time = new();
    private readonly List<string> asked = [];
    private Func<Uri, HttpResponseMessage> answer = static _ => Ok("{}");

    [Theory]
    [InlineData("http://search:9200", "_bulk?x=items.*", "http://search:9200/_bulk?x=items.*")]
    [InlineData("https://proxy.example/es/", "/logs/_search", "https://proxy.example/es/logs/_search")]
    [InlineData("https://proxy.example/a/b", "", "https://proxy.example/a/b/")]
    public async Task A_path_of_the_address_is_kept(string url, string path, string expected)
    {
        await Client(url).GetAsync(path, CancellationToken.None);
        asked.Should().Equal(expected);
    }

    [Fact]
    public async Task Nodes_take_turns()
    {
        var client = Client("http://a", "http://b", "http://c");
        for (var at = 0; at < 4; at++) await client.GetAsync("x", CancellationToken.None);
        asked.Should().Equal("http://a/x", "http://b/x", "http://c/x", "http://a/x");
    }

    [Theory]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(0)]
    public async Task Another_node_is_asked_where_one_fails_which_then_rests_longer_each_time(int status)
    {
        answer = url => url.Host != "a" ? Ok("{}") : status == 0 ? throw new HttpRequestException(HttpRequestError.ConnectionError, "refused") : new HttpResponseMessage((HttpStatusCode)status);
        var client = Client("http://a", "http://b");

        (await client.GetAsync("", CancellationToken.None)).Status.Should().Be(200);
        asked.Should().Equal("http://a/", "http://b/");
        client.RestingNodes.Should().Be(1);
        await AskForAsync(client, TimeSpan.FromSeconds(0.9));
        asked.Count(static url => url == "http://a/").Should().Be(1);
        await AskForAsync(client, TimeSpan.FromSeconds(0.2));
        asked.Count(static url => url == "http://a/").Should().Be(2);
        await AskForAsync(client, TimeSpan.FromSeconds(1.8));
        asked.Count(static url => url == "http://a/").Should().Be(2);
        await AskForAsync(client, TimeSpan.FromSeconds(0.3));
        asked.Count(static url => url == "http://a/").Should().Be(3);

        answer = static _ => Ok("{}");
        await AskForAsync(client, TimeSpan.FromSeconds(5));
        client.RestingNodes.Should().Be(0);
    }

    [Fact]
    public async Task Where_all_nodes_rest_they_are_asked_all_the_same()
    {
        answer = static _ => throw new HttpRequestException(HttpRequestError.NameResolutionError, "no such host");
        var client = Client("http://a", "http://b");
        for (var at = 0; at < 3; at++)
        {
            var fault = await client.Invoking(static client => client.GetAsync("", CancellationToken.None)).Should().ThrowAsync<ElasticsearchUnreachableException>();
            fault.Which.Reason.Should().Be("unreachable");
            fault.Which.Message.Should().Contain("http://a/: no such host").And.Contain("http://b/: no such host");
        }
        asked.Should().HaveCount(6);
    }

    [Fact]
    public async Task What_may_have_been_done_is_not_done_again_unless_that_is_harmless()
    {
        answer = static _ => throw new HttpRequestException(HttpRequestError.ResponseEnded, "ended");
        var client = Client("http://a", "http://b");
        await client.Invoking(static client => client.PostAsync("x/_rollover", "{}"u8.ToArray(), CancellationToken.None)).Should().ThrowAsync<ElasticsearchUnreachableException>();
        asked.Should().HaveCount(1);
        await client.Invoking(static client => client.PutAsync("_index_template/x", "{}"u8.ToArray(), CancellationToken.None)).Should().ThrowAsync<ElasticsearchUnreachableException>();
        asked.Should().HaveCount(3);
        answer = static url => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused");
        await client.Invoking(static client => client.PostAsync("x/_rollover", "{}"u8.ToArray(), CancellationToken.None)).Should().ThrowAsync<ElasticsearchUnreachableException>();
        asked.Should().HaveCount(5);
    }

    [Fact]
    public async Task A_node_that_does_not_answer_in_time_is_left_for_another()
    {
        var client = new ElasticsearchClient(Settings("http://a", "http://b"), time, NullLogger.Instance, new Handler(async (request, cancellationToken) =>
        {
            asked.Add(request.RequestUri!.Host);
            if (request.RequestUri.Host == "a") await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
            return Ok("{}");
        }), static () => 0);
        var asking = client.GetAsync("", CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(59));
        asking.IsCompleted.Should().BeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        (await asking).Status.Should().Be(200);
        asked.Should().Equal("a", "b");
    }

    [Fact]
    public async Task Being_told_to_stop_is_no_failure_of_a_node()
    {
        using var stop = new CancellationTokenSource();
        var client = Client("http://a", "http://b");
        answer = _ =>
        {
            stop.Cancel();
            throw new OperationCanceledException(stop.Token);
        };
        await client.Invoking(client => client.GetAsync("", stop.Token)).Should().ThrowAsync<OperationCanceledException>();
        client.RestingNodes.Should().Be(0);
    }

    [Fact]
    public async Task Credentials_go_along()
    {
        var headers = new List<string?>();
        async Task AskAsync(Action<ElasticsearchConnectionSettings> set)
        {
            var settings = Settings("http://a");
            set(settings);
            using var client = new ElasticsearchClient(settings, time, NullLogger.Instance, new Handler((request, _) =>
            {
                headers.Add(request.Headers.Authorization?.ToString());
                return Task.FromResult(Ok("{}"));
            }));
            await client.GetAsync("", CancellationToken.None);
        }
        await AskAsync(static _ => { });
        await AskAsync(static settings => settings.ApiKey = "aWQ6a2V5");
        await AskAsync(static settings => (settings.User, settings.Password) = ("gpu", "pä:ss"));
        headers.Should().Equal(null, "ApiKey aWQ6a2V5", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("gpu:pä:ss")));
    }

    [Theory]
    [InlineData(Elasticsearch, false, "8.17.0", 8, 17, true)]
    [InlineData("""{"cluster_name":"c","cluster_uuid":"_na_","version":{"number":"7.17.6"}}""", false, "7.17.6", 7, 17, true)]
    [InlineData("""{"cluster_name":"c","version":{"number":"7.10.2"}}""", false, "7.10.2", 7, 10, false)]
    [InlineData("""{"cluster_name":"c","version":{"distribution":"opensearch","number":"2.19.1"},"tagline":"The OpenSearch Project"}""", true, "2.19.1", 2, 19, true)]
    [InlineData("""{"cluster_name":"c","version":{"number":"9.0.0-SNAPSHOT"}}""", false, "9.0.0-SNAPSHOT", 9, 0, true)]
    public async Task What_answers_is_known_without_any_product_check(string body, bool isOpenSearch, string version, int major, int minor, bool isSupported)
    {
        answer = _ => Ok(body);
        var server = await Client("http://a").DetectAsync(CancellationToken.None);
        (server.IsOpenSearch, server.Version, server.Major, server.Minor, server.IsSupported).Should().Be((isOpenSearch, version, major, minor, isSupported));
    }

    [Theory]
    [InlineData(200, "<html>It works</html>", "It works")]
    [InlineData(200, "{}", "expected what Elasticsearch")]
    [InlineData(200, "{\"version\":{\"number\":\"x\"}}", "expected what Elasticsearch")]
    [InlineData(404, "", "HTTP 404")]
    [InlineData(401, """{"error":{"type":"security_exception","reason":"missing authentication credentials"},"status":401}""", "missing authentication credentials. Set api_key")]
    public async Task What_is_neither_is_said_in_words(int status, string body, string words)
    {
        answer = _ => new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body) };
        (await Client("http://a").Invoking(static client => client.DetectAsync(CancellationToken.None)).Should().ThrowAsync<InvalidDataException>()).Which.Message.Should().Contain(words).And.Contain("http://a/");
    }

    [Fact]
    public async Task An_answer_without_end_is_not_kept_in_memory()
    {
        answer = static _ => new HttpResponseMessage { Content = new StreamContent(new EndlessStream()) };
        (await Client("http://a").Invoking(static client => client.GetAsync("", CancellationToken.None)).Should().ThrowAsync<ElasticsearchUnreachableException>()).Which.Message.Should().Contain("more than");
    }

    [Fact]
    public void Wrong_settings_are_refused_in_words()
    {
        var settings = Settings("ftp://a");
        settings.RetryPauseMax = TimeSpan.FromMilliseconds(1);
        FluentActions.Invoking(() => new ElasticsearchClient(settings, time, NullLogger.Instance)).Should().Throw<ArgumentException>().WithMessage("*urls*retry_pause_max*");
        FluentActions.Invoking(() => new ElasticsearchClient(new ElasticsearchConnectionSettings(), time, NullLogger.Instance)).Should().Throw<ArgumentException>().WithMessage("urls is empty*");
    }

    private static HttpResponseMessage Ok(string json) => new() { Content = new StringContent(json) };

    private static ElasticsearchConnectionSettings Settings(params string[] urls) => new() { Urls = [.. urls.Select(static url => new Uri(url))] };

    private async Task AskForAsync(ElasticsearchClient client, TimeSpan duration)
    {
        for (var passed = TimeSpan.Zero; passed < duration; passed += TimeSpan.FromSeconds(0.1))
        {
            time.Advance(TimeSpan.FromSeconds(0.1));
            await client.GetAsync("", CancellationToken.None);
        }
    }

    private ElasticsearchClient Client(params string[] urls) => new(Settings(urls), time, NullLogger.Instance, new Handler((request, _) =>
    {
        asked.Add(request.RequestUri!.AbsoluteUri);
        return Task.FromResult(answer(request.RequestUri));
    }), static () => 0);

    private sealed class Handler(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => send(request, cancellationToken);
    }

    private sealed class EndlessStream : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count) => count;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(buffer.Length);
    }
}
