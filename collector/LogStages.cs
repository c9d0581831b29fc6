using System.Diagnostics.Metrics;
using Monitoring.Collector.Events;
using Monitoring.Collector.Ingest;
using Monitoring.Collector.Logs;
using Monitoring.Collector.Query;

namespace Monitoring.Collector;

/// <summary>Puts together what keeps log lines: where agents send them, where they lie, who asks for them.</summary>
internal static class LogStages
{
    /// <summary>Adds the services.</summary>
    public static void AddLogs(this IServiceCollection services, CollectorSettings settings, TimeProvider time)
    {
        services.AddSingleton(settings.Logs);
        services.AddSingleton(provider => Open(settings, time, provider.GetRequiredService<ILogger<LogStore>>()));
        services.AddSingleton(provider =>
        {
            var store = new LogStore(provider.GetRequiredService<LogStorage>(), settings.Logs, time, provider.GetRequiredService<ILogger<LogStore>>());
            provider.GetRequiredService<OwnLogSink>().Attach(store);
            return store;
        });
        services.AddSingleton(static provider => new LogInstruments(provider.GetRequiredService<Meter>(), provider.GetRequiredService<LogStore>()));
        services.AddSingleton<LogBulkEndpoint>().AddSingleton<LogQueryEndpoint>();
        services.AddHostedService(static provider => provider.GetRequiredService<LogStore>());
    }

    /// <summary>Maps the addresses.</summary>
    public static void MapLogs(this WebApplication app)
    {
        LogBulkEndpoint.Map(app);
        app.MapGet("/api/v1/logs", (RequestDelegate)app.Services.GetRequiredService<LogQueryEndpoint>().ListAsync);
    }

    private static LogStorage Open(CollectorSettings settings, TimeProvider time, ILogger<LogStore> logger)
    {
        try
        {
            return LogStorage.Open(settings.StateDirectoryPath, settings.Logs, time, logger);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StateDirectoryException($"cannot keep log lines in {settings.StateDirectoryPath}: {exception.Message}. Make it writable for this user, end the other collector that uses it, or set another state_directory.", exception);
        }
    }
}
