using System.Text;
using Monitoring.Segments;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Search.Sources;

/// <summary>
/// The ids of the captures that were delivered, in a file of lines. Captures are few and come in no order that a clock could not turn
/// round, so each is noted by itself.
/// </summary>
internal sealed class SettledCaptures : IDisposable
{
    private readonly Lock gate = new(); // guards what follows
    private readonly string path;
    private readonly HashSet<string> settled = new(StringComparer.Ordinal);
    private readonly List<string> unwritten = [];
    private FileStream? file;

    private SettledCaptures(string path) => this.path = path;

    /// <summary>Opens the file; a line that was cut off is none.</summary>
    /// <exception cref="IOException">It is there and cannot be read.</exception>
    public static SettledCaptures Open(string path)
    {
        var captures = new SettledCaptures(path);
        if (File.Exists(path))
            captures.settled.UnionWith(File.ReadLines(path, Encoding.ASCII).Where(static line => EventId.IsValid(line)));
        return captures;
    }

    /// <summary>True for a capture that was delivered.</summary>
    public bool Has(string id)
    {
        lock (gate) return settled.Contains(id);
    }

    /// <summary>A capture was delivered; it is on disk after the next <see cref="Commit"/>.</summary>
    public void Add(string id)
    {
        lock (gate)
            if (settled.Add(id)) unwritten.Add(id);
    }

    /// <summary>Puts on disk what was added.</summary>
    /// <exception cref="IOException">It cannot be written; a later call may succeed.</exception>
    public void Commit()
    {
        lock (gate)
        {
            if (unwritten.Count == 0) return;
            file ??= new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
            // In front too: what was cut off before must not swallow the next one.
            file.Write(Encoding.ASCII.GetBytes("\n" + string.Join('\n', unwritten) + "\n"));
            file.Flush(flushToDisk: true);
            unwritten.Clear();
        }
    }

    /// <summary>Forgets those that are not kept any more, so that the file does not grow for ever.</summary>
    /// <exception cref="IOException">It cannot be written; the file is as before.</exception>
    public void Keep(IReadOnlySet<string> kept)
    {
        lock (gate)
        {
            if (settled.IsSubsetOf(kept)) return;
            settled.IntersectWith(kept);
            file?.Dispose();
            file = null;
            DurableFile.Replace(path, Encoding.ASCII.GetBytes(string.Concat(settled.Order(StringComparer.Ordinal).Select(static id => id + "\n"))));
            unwritten.Clear();
        }
    }

    /// <summary>Forgets all.</summary>
    /// <exception cref="IOException">The file cannot be deleted.</exception>
    public void Clear()
    {
        lock (gate)
        {
            file?.Dispose();
            file = null;
            File.Delete(path);
            settled.Clear();
            unwritten.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate) file?.Dispose();
    }
}
