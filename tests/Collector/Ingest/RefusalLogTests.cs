using System.Net;
using FluentAssertions;
using Microsoft.Extensions.Logging;
using Monitoring.Collector.Ingest;
using Monitoring.Collector.Series;
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
