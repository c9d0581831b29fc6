using System.Text.Json;
using Microsoft.Extensions.Logging;
using Monitoring.Elasticsearch.Connection;
using Monitoring.Elasticsearch.Delivery;

namespace Monitoring.Tests.Elasticsearch.Delivery;

/// <summary>A delivery of one source to a scripted server, on a clock that stands still: everything happens on the thread that starts it or moves the clock.</summary>
internal sealed class DeliveryBench : IDisposable
{
    private ElasticsearchDelivery? delivery;
    private Task running = Task.CompletedTask;

    internal ManualTimeProvider Time { get; } = new();

    internal MemorySource Source { get; set; } = new();

    internal ScriptedBulk Server { get; } = new();

    internal ListLogger Log { get; } = new();

    internal string DeadLetterDirectory { get; } = Directory.CreateTempSubdirectory("dead-letters-").FullName;

    internal ElasticsearchConnectionSettings Connection { get; } = new() { Urls = [new Uri("http://search:9200")], Compression = false };

    internal DeliveryOptions Options { get; set; }

    internal DeliveryBench() => Options = new DeliveryOptions { DeadLetterDirectory = DeadLetterDirectory, Handler = Server, Random = static () => 0, RequestsAtOnce = 1 };

    internal StreamTally Tally => delivery!.Tallies[0];

    internal ElasticsearchDelivery Delivery => delivery!;

    /// <summary>Dead letters that are kept, as they stand in the file.</summary>
    internal IReadOnlyList<JsonElement> DeadLetters => [.. Directory.GetFiles(DeadLetterDirectory, "*.ndjson").Order(StringComparer.Ordinal).SelectMany(File.ReadAllLines).Select(static line => JsonDocument.Parse(line).RootElement)];

    public void Dispose()
    {
        Stop();
        Directory.Delete(DeadLetterDirectory, recursive: true);
    }

    internal void Start()
    {
        delivery = new ElasticsearchDelivery(Connection, Options, [Source], Time, Log);
        running = delivery.RunAsync();
    }

    /// <summary>Starts and lets the time pass in which documents wait for others.</summary>
    internal DeliveryBench Run()
    {
        Start();
        return Pass(Connection.MaxBatchAge);
    }

    internal DeliveryBench Pass(TimeSpan time)
    {
        Time.Advance(time);
        if (running.IsFaulted) throw running.Exception!;
        return this;
    }

    internal void Stop()
    {
        if (delivery is null) return;
        var stopped = delivery.StopAsync(new CancellationToken(canceled: true));
        if (!running.Wait(Eventually.Patience) || !stopped.Wait(Eventually.Patience)) throw new TimeoutException("The delivery does not stop.");
        delivery.DisposeAsync().AsTask().Wait();
        delivery = null;
    }

    /// <summary>Keeps lines of the log.</summary>
    internal sealed class ListLogger : ILogger<ElasticsearchDelivery>
    {
        private readonly Lock gate = new();

        internal List<(LogLevel Level, int Number, string Text)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (gate) Lines.Add((logLevel, eventId.Id, formatter(state, exception)));
        }
    }
}
