using System.Diagnostics.Metrics;
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
        services.AddSingleton(provider =>
        {
            var logger = provider.GetRequiredService<ILogger<LogStore>>();
            var store = new LogStore(LogStorage.Open(settings.StateDirectoryPath, settings.Logs, time, logger), settings.Logs, time, logger);
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
}
