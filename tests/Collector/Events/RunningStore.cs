using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Collector.Events;

namespace Monitoring.Tests.Collector.Events;

/// <summary>A started store, and the clock that it goes by.</summary>
internal sealed class RunningStore : IAsyncDisposable
{
    private RunningStore(EventStore store) => Store = store;

    internal EventStore Store { get; }

    internal static async Task<RunningStore> StartAsync(IEventLog log, ManualTimeProvider clock, EventSettings? settings = null)
    {
        var running = new RunningStore(new EventStore(log, settings ?? new EventSettings(), clock, NullLogger<EventStore>.Instance));
        await running.Store.StartAsync(CancellationToken.None);
        await running.Store.Recovered;
        return running;
    }

    internal static Task<RunningStore> StartAsync(string folder, ManualTimeProvider clock, EventSettings? settings = null) =>
        StartAsync(EventStorage.Open(folder, settings ?? new EventSettings(), clock, NullLogger<EventStore>.Instance), clock, settings);

    internal Task<EventCommit> AppendAsync(params int[] numbers) => Store.AppendAsync(SomeEvent.Incoming(numbers));

    /// <summary>The ids of everything that is kept, as sinks read them.</summary>
    internal string[] Ids() => [.. Store.Read(0).Select(static item => SomeEvent.IdIn(item.Json))];

    public async ValueTask DisposeAsync()
    {
        await Store.StopAsync(CancellationToken.None);
        Store.Dispose();
    }
}
