using System.Threading.Channels;

namespace Monitoring.Agent.Detection;

/// <summary>
/// The way from the sources to detection: sightings and cursors in the order in which each source put them. Bounded; a source that is
/// ahead waits, since the kernel and the driver keep what was not yet asked for.
/// </summary>
internal sealed class SightingQueue
{
    /// <summary>What waits at most.</summary>
    internal const int Capacity = 4096;

    // Either a Sighting or a SourceCursor.
    private readonly Channel<object> channel = Channel.CreateBounded<object>(new BoundedChannelOptions(Capacity)
    {
        FullMode = BoundedChannelFullMode.Wait,
        SingleReader = true,
    });

    /// <summary>Hands over a sighting; waits while the queue is full.</summary>
    /// <returns>False once the queue is closed.</returns>
    internal bool Put(Sighting sighting) => PutItem(sighting);

    /// <summary>Says that everything up to here was handed over.</summary>
    /// <returns>False once the queue is closed.</returns>
    internal bool Put(SourceCursor cursor) => PutItem(cursor);

    /// <summary>Takes the next item, a <see cref="Sighting"/> or a <see cref="SourceCursor"/>.</summary>
    internal bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out object? item) => channel.Reader.TryRead(out item);

    /// <summary>Takes nothing more; sources that wait go on.</summary>
    internal void Close() => channel.Writer.TryComplete();

    private bool PutItem(object item)
    {
        while (!channel.Writer.TryWrite(item))
            if (!channel.Writer.WaitToWriteAsync().AsTask().GetAwaiter().GetResult()) return false;
        return true;
    }
}
