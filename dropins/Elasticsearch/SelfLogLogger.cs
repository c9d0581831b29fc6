using Microsoft.Extensions.Logging;
using Serilog.Debugging;

namespace Serilog.Sinks.Elasticsearch;

/// <summary>Takes what the delivery says to Serilog's SelfLog: in the logger it would be about itself, and without end.</summary>
internal sealed class SelfLogLogger<T> : ILogger<T>
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        if (IsEnabled(logLevel)) SelfLog.WriteLine("{0}{1}", formatter(state, exception), exception is null ? "" : $" {exception}");
    }
}
