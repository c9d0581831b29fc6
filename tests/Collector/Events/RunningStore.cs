using Microsoft.Extensions.Logging.Abstractions;
using Monitoring.Collector.Events;
using Monitoring.Collector.Storage;
using Monitoring.Segments;

namespace Monitoring.Tests.Collector.Events;

/// <summary>A started store, and the clock that it goes by.</summary>
internal sealed class RunningStore : IAsyncDisposable
{
    private RunningStore(EventStore store) => Store = store;

    internal EventStore Store { get; }

    internal static async Task<RunningStore> StartAsync(IRecordLog log, ManualTimeProvider clock, EventSettings? settings = null)
    {
        var running = new RunningStore(new EventStore(log, settings ?? new EventSettings(), clock, NullLogger<EventStore>.Instance));
        await running.Store.StartAsync(CancellationToken.None);
        await running.Store.Recovered;
        return running;
    }

    internal static Task<RunningStore> StartAsync(string folder, ManualTimeProvider clock, EventSettings? settings = null) =>
        StartAsync(EventStorage.Open(folder, settings ?? new EventSettings(), clock, NullLogger<EventStore>.Instance), clock, settings);

    internal async Task<Outcome> AppendAsync(params int[] numbers)
    {
        var commit = await Store.AppendAsync(SomeEvent.Incoming(numbers));
        return new Outcome(commit.Count(RecordFate.Stored), commit.Count(RecordFate.Duplicate), commit.Count(RecordFate.Late), commit.Fault);
    }

    /// <summary>The ids of everything that is kept, as sinks read them.</summary>
    internal string[] Ids() => [.. Store.Read(0).Select(static item => SomeEvent.IdIn(item.Payload))];

    public async ValueTask DisposeAsync()
    {
        await Store.StopAsync(CancellationToken.None);
        Store.Dispose();
    }

    /// <summary>How many events had which fate.</summary>
    internal readonly record struct Outcome(int Stored, int Duplicates, int Expired, string? Fault);
}
