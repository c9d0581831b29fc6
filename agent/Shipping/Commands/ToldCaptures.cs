using System.Globalization;
using System.Text;
using Monitoring.Contracts.Captures;
using Monitoring.Segments;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Agent.Shipping.Commands;

/// <summary>
/// The captures of which the collector has heard the end, on disk: after a restart they are not told again, or what was removed there
/// would come back as a capture without files.
/// </summary>
internal sealed class ToldCaptures
{
    /// <summary>Twice what the node remembers of captures.</summary>
    internal const int CapturesAtMost = 1024;

    private const string FileName = "captures-told";

    private readonly string path;
    private readonly Dictionary<string, long> sequences = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new(); // ids of sequences, the first that was told at first

    /// <param name="stateDirectory">The directory for what must outlive a restart; empty keeps it in memory.</param>
    internal ToldCaptures(string stateDirectory)
    {
        path = stateDirectory.Length == 0 ? "" : Path.Combine(stateDirectory, FileName);
        try
        {
            if (path.Length == 0 || !File.Exists(path)) return;
            foreach (var line in File.ReadLines(path))
                if (line.Split(' ') is [var id, var number] && EventId.IsValid(id) && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence)) Remember(id, sequence);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Then they are told once more.
        }
    }

    /// <summary>True where the collector has heard this end.</summary>
    internal bool Has(CaptureProgress progress) => progress.IsOver && sequences.TryGetValue(progress.Id, out var told) && progress.Sequence <= told;

    /// <summary>Notes the ends that the collector has heard.</summary>
    internal void Add(IEnumerable<CaptureProgress> told)
    {
        var isNew = false;
        foreach (var progress in told)
        {
            if (!progress.IsOver || Has(progress)) continue;
            Remember(progress.Id, progress.Sequence);
            isNew = true;
        }

        if (!isNew || path.Length == 0) return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? ".");
            DurableFile.Replace(path, Encoding.ASCII.GetBytes(string.Concat(order.Select(id => string.Create(CultureInfo.InvariantCulture, $"{id} {sequences[id]}\n")))));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // On a full disk, say: after a restart they are told once more.
        }
    }

    private void Remember(string id, long sequence)
    {
        if (!sequences.ContainsKey(id)) order.Enqueue(id);
        sequences[id] = sequence;
        if (order.Count > CapturesAtMost) sequences.Remove(order.Dequeue());
    }
}
