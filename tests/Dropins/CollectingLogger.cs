using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Monitoring.Tests.Dropins;

/// <summary>Keeps what was logged.</summary>
internal sealed class CollectingLogger : ILogger, ILoggerProvider
{
    internal ConcurrentQueue<(LogLevel Level, int EventId, string Message)> Entries { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => Entries.Enqueue((logLevel, eventId.Id, formatter(state, exception)));

    public void Dispose()
    {
    }
}
