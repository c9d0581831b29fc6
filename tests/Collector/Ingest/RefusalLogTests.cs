using System.Net;
using FluentAssertions;
using Microsoft.Extensions.Logging;
using Monitoring.Collector.Ingest;
using Monitoring.Collector.Series;
using Monitoring.Tests.Collector.Series;
using Xunit;

namespace Monitoring.Tests.Collector.Ingest;

public sealed class RefusalLogTests
{
    private readonly ManualTimeProvider clock = new();
    private readonly CollectingLogger logger = new();

    [Fact]
    public void Each_reason_is_logged_once_a_minute_and_what_was_left_out_is_counted()
    {
        var log = new RefusalLog(clock, logger);
        for (var push = 0; push < 5; push++) log.Note(Refusal(PushRejection.Malformed), IPAddress.Loopback);
        log.Note(Refusal(PushRejection.Busy), IPAddress.Loopback);
        clock.Advance(TimeSpan.FromSeconds(59));
        log.Note(Refusal(PushRejection.Malformed), IPAddress.Loopback);
        clock.Advance(TimeSpan.FromSeconds(1));
        log.Note(Refusal(PushRejection.Malformed), IPAddress.Loopback);

        logger.Lines.Should().Equal(
            "Warning: A push was refused (malformed) from 127.0.0.1: words. 0 more since the last line of this reason.",
            "Warning: A push was refused (busy) from 127.0.0.1: words. 0 more since the last line of this reason.",
            "Warning: A push was refused (malformed) from 127.0.0.1: words. 5 more since the last line of this reason.");
    }

    [Fact]
    public void Refused_points_of_a_push_that_was_stored_in_part_are_logged_by_node()
    {
        var bench = new StoreBench(static settings => settings.MaxSeriesPerNode = 1);
        var log = new RefusalLog(clock, logger);
        for (var push = 0; push < 2; push++)
        {
            var payload = bench.Payload(("host.name", "n1"));
            bench.Store.Push(payload.Gauge("g", "", payload.Point(1), payload.Point(2, ("i", 2L)), payload.Point(3, ("i", 3L)), payload.Point(4, ("node", "n2"))).ToArray(), 1000, out var refused);
            log.NotePoints(refused, bench.Settings);
        }

        logger.Lines.Should().Equal("Warning: 2 points were refused (series_limit) of n1: the node has 1 series already: send fewer label values or raise series.max_series_per_node. 0 more since the last line of this node and reason.");
        clock.Advance(TimeSpan.FromMinutes(1));
        var next = bench.Payload(("host.name", "n1"));
        bench.Store.Push(next.Gauge("g", "", next.Point(1), next.Point(1, ("i", 2L))).ToArray(), 1000, out var later);
        log.NotePoints(later, bench.Settings);
        logger.Lines[^1].Should().Contain("1 points were refused (series_limit) of n1").And.EndWith("2 more since the last line of this node and reason.");
    }

    [Fact]
    public void So_many_subjects_are_told_apart_and_the_rest_are_one()
    {
        var pause = new LogPause<int>(clock, 2);
        Enumerable.Range(0, 5).Count(subject => pause.MaySpeak(subject, 1, out _)).Should().Be(3, "two have a line of their own, the rest one together");
        clock.Advance(TimeSpan.FromMinutes(1));
        pause.MaySpeak(7, 1, out var unsaid).Should().BeTrue();
        unsaid.Should().Be(0, "it took the place of one that had nothing left to say");
    }

    private static PushRefusal Refusal(PushRejection reason) => new(reason, 400, 3, "words");

    private sealed class CollectingLogger : ILogger<RefusalLog>
    {
        internal List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Lines.Add($"{logLevel}: {formatter(state, exception)}");
    }
}
