using System.Collections.Concurrent;
using System.Threading.Channels;
using Monitoring.Agent.Capture;
using Monitoring.Contracts.Captures;

namespace Monitoring.Tests.Agent.Shipping.Commands;

/// <summary>A place where captures are asked for that takes each once and keeps what it was asked, as the service does.</summary>
internal sealed class MemoryDesk(string node) : ICaptureDesk
{
    private readonly ConcurrentDictionary<string, CaptureProgress> known = new(StringComparer.Ordinal);
    private readonly Channel<CaptureRequest> taken = Channel.CreateUnbounded<CaptureRequest>();

    /// <summary>How often each capture was asked for.</summary>
    internal ConcurrentDictionary<string, int> Asked { get; } = new(StringComparer.Ordinal);

    internal ConcurrentQueue<string> Cancelled { get; } = new();

    /// <summary>Captures that were taken, each once.</summary>
    internal ICollection<string> Taken => known.Keys;

    /// <summary>The next capture that is taken.</summary>
    internal async Task<CaptureRequest> NextAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await taken.Reader.ReadAsync(limit.Token);
    }

    public CaptureAnswer Request(CaptureRequest request)
    {
        Asked.AddOrUpdate(request.Id, 1, static (_, count) => count + 1);
        if (known.TryAdd(request.Id, new CaptureProgress(request.Id, node, 1, DateTimeOffset.UnixEpoch, CaptureStage.Queued, "queued"))) taken.Writer.TryWrite(request);
        return new CaptureAnswer(request.Id, null, $"accepted: {request.Id}");
    }

    public string? Cancel(string id)
    {
        Cancelled.Enqueue(id);
        return known.ContainsKey(id) ? "cancelled" : null;
    }

    public CaptureProgress? Progress(string id) => known.GetValueOrDefault(id);

    public IReadOnlyList<CaptureProgress> All() => [.. known.Values];
}
