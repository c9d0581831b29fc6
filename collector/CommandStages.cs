using Monitoring.Collector.Commands;
using Monitoring.Collector.Events;
using Monitoring.Collector.Fleet;
using Monitoring.Collector.Schedules;
using Monitoring.Collector.Series;
using Monitoring.Collector.Storage;

namespace Monitoring.Collector;

/// <summary>Puts together what asks nodes for captures: commands, the budget, schedules and alerts.</summary>
internal static class CommandStages
{
    /// <summary>Adds the services.</summary>
    public static void AddCommands(this IServiceCollection services, CollectorSettings settings, TimeProvider time)
    {
        var state = settings.StateDirectoryPath;
        services.AddSingleton(settings.Commands).AddSingleton(settings.Commands.Budget).AddSingleton(settings.Commands.Alertmanager);
        services.AddSingleton(provider => StateDirectoryException.Opened(state, "commands", () => CommandJournal.Open(state, time, provider.GetRequiredService<ILogger<CommandJournal>>())));
        services.AddSingleton(provider => StateDirectoryException.Opened(state, "the audit", () => AuditLog.Open(state, settings.Commands, time, provider.GetRequiredService<ILogger<AuditLog>>())));
        services.AddSingleton<JobDirectory>();
        services.AddSingleton<CommandQueue>().AddSingleton<FleetBudget>().AddSingleton<OrderBook>();
        services.AddSingleton(provider => new RefusedCaptures(provider.GetRequiredService<EventStore>(), ClusterOf(provider.GetRequiredService<SeriesStore>(), settings.Series), time));
        services.AddSingleton<CommandHub>().AddSingleton<ControlChoice>().AddSingleton<CaptureOrders>().AddSingleton<AlertCaptures>();
        services.AddSingleton<CommandStreamEndpoint>().AddSingleton<ProgressEndpoint>().AddSingleton<LeaseEndpoint>();
        services.AddSingleton<OrderEndpoints>().AddSingleton<AuditEndpoint>().AddSingleton<AlertEndpoint>().AddSingleton<CommandInstruments>();
        services.AddSingleton(provider => new ScheduleBook(state, provider.GetRequiredService<ILogger<ScheduleBook>>()));
        services.AddSingleton<IReadOnlyList<ScheduleSettings>>(settings.Schedules);
        services.AddSingleton<ScheduleRunner>().AddSingleton<ScheduleEndpoints>();
        services.AddHostedService(static provider => provider.GetRequiredService<ScheduleRunner>());
        services.AddHostedService<CommandUpkeep>();
    }

    private static Func<string, string> ClusterOf(SeriesStore store, SeriesSettings settings) => node => (store.Nodes.TryGet(node, out var known) ? known.Cluster : null) ?? settings.DefaultCluster;

    /// <summary>Maps the addresses.</summary>
    public static void MapCommands(this WebApplication app)
    {
        var services = app.Services;
        var orders = services.GetRequiredService<OrderEndpoints>();
        var schedules = services.GetRequiredService<ScheduleEndpoints>();
        const string Id = "{" + OrderEndpoints.RouteValue + "}";
        const string Schedule = "/api/v1/schedules/{" + ScheduleEndpoints.RouteValue + "}";
        app.MapGet("/v1/commands", (RequestDelegate)services.GetRequiredService<CommandStreamEndpoint>().HandleAsync);
        app.MapPost("/v1/captures/progress", (RequestDelegate)services.GetRequiredService<ProgressEndpoint>().HandleAsync);
        app.MapPost("/v1/captures/leases", (RequestDelegate)services.GetRequiredService<LeaseEndpoint>().HandleAsync);
        app.MapPost("/api/v1/captures", (RequestDelegate)orders.PlaceAsync);
        app.MapPost($"/api/v1/captures/{Id}/cancel", (RequestDelegate)orders.CancelAsync);
        app.MapGet($"/api/v1/captures/groups/{Id}", (RequestDelegate)orders.GroupAsync);
        app.MapGet("/api/v1/captures/audit", (RequestDelegate)services.GetRequiredService<AuditEndpoint>().HandleAsync);
        app.MapPost("/api/v1/alertmanager", (RequestDelegate)services.GetRequiredService<AlertEndpoint>().HandleAsync);
        app.MapGet("/api/v1/schedules", (RequestDelegate)schedules.ListAsync);
        app.MapGet(Schedule, (RequestDelegate)schedules.GetAsync);
        app.MapPut(Schedule, (RequestDelegate)schedules.PutAsync);
        app.MapDelete(Schedule, (RequestDelegate)schedules.DeleteAsync);
    }
}
