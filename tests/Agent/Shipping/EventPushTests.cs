using System.Net;
using FluentAssertions;
using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Agent.Journal;
using Monitoring.Agent.Sampling;
using Monitoring.Agent.Shipping;
using Monitoring.Tests.Agent.Journal;
using Xunit;

namespace Monitoring.Tests.Agent.Shipping;

public sealed class EventPushTests : IDisposable
{
    private readonly JournalDirectory directory = new();
    private readonly EventJournal journal;
    private readonly FakeCollector collector = new();
    private readonly NodeReadings readings = new();
    private readonly CancellationTokenSource stop = new();
    private readonly DeadLetters deadLetters;
    private EventPush? push;

    public EventPushTests()
    {
        journal = directory.Open();
        deadLetters = new DeadLetters(directory.DirectoryPath);
    }

    public void Dispose()
    {
        stop.Cancel();
        push?.Dispose();
        stop.Dispose();
        journal.Dispose();
        collector.Dispose();
        directory.Dispose();
    }

    [Theory]
    [InlineData("http://collector:9461", "http://collector:9461/v1/events")]
    [InlineData("https://gateway.example/otlp/", "https://gateway.example/otlp/v1/events")]
    [InlineData("https://gateway.example/otlp/v1/metrics", "https://gateway.example/otlp/v1/events")]
    public void Events_go_beside_the_metrics(string endpoint, string expected) => EventRequest.EventsUrl(new Uri(endpoint)).Should().Be(new Uri(expected));

    [Fact]
    public void Everything_is_sent_once_and_in_order()
    {
        Write(1200);
        Start();

        collector.Taken.Should().Equal(Ids(1, 1200));
        collector.BatchSizes.Should().Equal(500, 500, 200);
        journal.Waiting.Should().Be(0);
        Value(MetricTable.SinkSent).Should().Be(3);
        Value(MetricTable.SinkLastSuccess).Should().BePositive();
        journal.Dispose();
        using var again = directory.Open();
        again.Waiting.Should().Be(0);
    }

    [Fact]
    public void A_collector_that_cannot_now_is_asked_again_when_it_says()
    {
        var answers = new Queue<HttpStatusCode>([HttpStatusCode.ServiceUnavailable, HttpStatusCode.TooManyRequests]);
        collector.Judge = _ =>
        {
            if (!answers.TryDequeue(out var status)) return null;
            var answer = FakeCollector.Answer(status);
            answer.Headers.RetryAfter = new System.Net.Http.Headers.RetryConditionHeaderValue(TimeSpan.FromSeconds(20));
            return answer;
        };
        Write(3);
        Start();

        directory.Time.Advance(TimeSpan.FromSeconds(19));
        collector.BatchSizes.Should().HaveCount(1);
        directory.Time.Advance(TimeSpan.FromSeconds(11));
        collector.BatchSizes.Should().HaveCount(2);
        directory.Time.Advance(TimeSpan.FromSeconds(30));
        collector.Taken.Should().Equal(Ids(1, 3));
        Value(MetricTable.SinkRetried).Should().Be(2);
        readings.Read(MetricTable.SinkFailures).Should().Contain(static reading => reading.Labels[1] == "status_503" && reading.Value == 1);
    }

    [Fact]
    public void Pauses_grow_to_a_minute()
    {
        collector.Judge = static _ => throw new HttpRequestException("Connection refused");
        Write(1);
        Start();
        directory.Time.Advance(TimeSpan.FromSeconds(95)); // 1 + 2 + 4 + 8 + 16 + 32, each up to half longer
        collector.BatchSizes.Count.Should().BeInRange(6, 7);
        var before = collector.BatchSizes.Count;
        directory.Time.Advance(TimeSpan.FromMinutes(30));
        (collector.BatchSizes.Count - before).Should().BeInRange(20, 31);
        collector.Judge = static _ => null;
        directory.Time.Advance(TimeSpan.FromSeconds(90));
        journal.Waiting.Should().Be(0);
    }

    [Fact]
    public void One_event_that_is_refused_keeps_no_other()
    {
        collector.Judge = static batch => batch.Any(static record => record.Code == 13) ? FakeCollector.Answer(HttpStatusCode.BadRequest, "no such thing") : null;
        for (var number = 1; number <= 100; number++) journal.Append(directory.Xid(number, code: number == 37 ? 13 : 79));
        journal.Write();
        Start();

        collector.Taken.Should().Equal(Ids(1, 100).Where(static id => id != JournalDirectory.Id(37)));
        journal.Waiting.Should().Be(0);
        Value(MetricTable.SinkDeadLetters).Should().Be(1);
        File.ReadAllLines(deadLetters.FilePath).Should().ContainSingle().Which.Should().Contain(JournalDirectory.Id(37)).And.Contain("400").And.Contain("no such thing");
    }

    [Fact]
    public void A_receiver_that_refuses_everything_costs_no_event()
    {
        collector.Judge = static _ => FakeCollector.Answer(HttpStatusCode.BadRequest, "The plain HTTP request was sent to HTTPS port");
        Write(3);
        Start();
        directory.Time.Advance(TimeSpan.FromMinutes(11));
        Value(MetricTable.SinkQueueLength).Should().Be(3);
        Value(MetricTable.SinkDeadLetters).Should().Be(0);

        collector.Judge = static _ => null;
        directory.Time.Advance(TimeSpan.FromMinutes(6));
        collector.Taken.Should().Equal(Ids(1, 3));
    }

    [Fact]
    public void Lines_that_the_collector_names_are_set_aside()
    {
        collector.Judge = static _ => FakeCollector.Answer(HttpStatusCode.OK, $$"""{"accepted":1,"duplicates":0,"rejected":[{"id":null,"line":2,"reason":"line 2: bad"},{"id":"{{JournalDirectory.Id(3)}}","reason":"worse"}]}""");
        Write(3);
        Start();

        File.ReadAllLines(deadLetters.FilePath).Should().HaveCount(2).And.Contain(static line => line.Contains(JournalDirectory.Id(2))).And.Contain(static line => line.Contains("worse"));
        journal.Waiting.Should().Be(0);
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound, "")]
    [InlineData(HttpStatusCode.OK, "<html>hello</html>")]
    [InlineData(HttpStatusCode.OK, "{}")]
    [InlineData(HttpStatusCode.Unauthorized, "")]
    [InlineData(HttpStatusCode.Found, "")]
    public void A_receiver_that_is_no_collector_is_asked_every_five_minutes_and_costs_nothing(HttpStatusCode status, string body)
    {
        collector.Judge = _ => FakeCollector.Answer(status, body);
        Write(3);
        Start();
        directory.Time.Advance(TimeSpan.FromMinutes(4.9));
        collector.BatchSizes.Should().HaveCount(1);
        directory.Time.Advance(TimeSpan.FromMinutes(0.2));
        collector.BatchSizes.Should().HaveCount(2);
        Value(MetricTable.SinkQueueLength).Should().Be(3);
        Value(MetricTable.SinkDeadLetters).Should().Be(0);
    }

    [Fact]
    public void Dead_letters_are_bounded()
    {
        var few = new DeadLetters(directory.DirectoryPath, bytesAtMost: 1000);
        for (var number = 0; number < 100; number++) few.Keep("{\"id\":\"x\"}"u8, "no").Should().BeNull();

        Directory.GetFiles(Path.GetDirectoryName(few.FilePath)!).Should().HaveCount(2).And.OnlyContain(static file => new FileInfo(file).Length <= 1000);
    }

    private static IEnumerable<string> Ids(int first, int last) => Enumerable.Range(first, last - first + 1).Select(JournalDirectory.Id);

    private void Write(int events)
    {
        for (var number = 1; number <= events; number++) journal.Append(directory.Xid(number));
        journal.Write();
    }

    /// <summary>Runs on this thread until it has to wait for the clock or for events.</summary>
    private void Start()
    {
        push = new EventPush(new CollectorSettings { Endpoint = new Uri("http://collector:9461") }, journal, deadLetters, directory.Time, NullLogger<EventPush>.Instance, collector);
        push.Register(readings);
        _ = push.RunAsync(stop.Token);
    }

    private double Value(NodeMetric metric) => readings.Read(metric).Single(static reading => reading.Labels[0] == "events").Value;
}
