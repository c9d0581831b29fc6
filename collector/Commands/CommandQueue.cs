using System.Text.Json;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;

namespace Monitoring.Collector.Commands;

/// <summary>A command that waits until its agent has spoken of it, or it expires.</summary>
internal sealed record PendingCommand(string Node, DateTimeOffset ExpiresAt, AgentCommand Command)
{
    /// <summary>The capture that it is about.</summary>
    public string Capture => Command.Capture?.Id ?? Command.Cancel ?? "";
}

/// <summary>The commands that wait, by node, in the order of their numbers; they outlive a sudden end of the collector.</summary>
internal sealed class CommandQueue : IJournalled
{
    private readonly CommandJournal journal;
    private readonly CommandSettings settings;
    private readonly TimeProvider time;
    private readonly Dictionary<string, List<PendingCommand>> byNode = new(StringComparer.Ordinal);
    private readonly HashSet<long> told = [];
    private long lastSequence;

    public CommandQueue(CommandJournal journal, CommandSettings settings, TimeProvider time)
    {
        (this.journal, this.settings, this.time) = (journal, settings, time);
        journal.Add(this);
    }

    /// <summary>Commands that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Commands that expired before any agent spoke of them.</summary>
    public long Expired { get; private set; }

    /// <summary>Adds a command; null, or why it cannot wait.</summary>
    /// <param name="make">Makes it with its number.</param>
    public (CaptureRefusal Refusal, string Words)? Add(string node, DateTimeOffset expiresAt, Func<long, AgentCommand> make)
    {
        lock (journal.Gate)
        {
            if (Count >= settings.MaxCommands) return (CaptureRefusal.QueueFull, $"{Count} commands wait for their agents already, commands.max_commands allows no more: ask again when they have been taken or have expired");
            var waiting = byNode.GetValueOrDefault(node);
            if (waiting?.Count >= settings.MaxCommandsPerNode) return (CaptureRefusal.QueueFull, $"{waiting.Count} commands wait for {node} already, commands.max_commands_per_node allows no more");
            // By the clock, so that numbers rise even where the state directory was lost; agents would pass over lower ones.
            var sequence = Math.Max(lastSequence + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
            var command = new PendingCommand(node, expiresAt, make(sequence));
            if (!journal.TryAppend(JournalRecord.Command, Write(command))) return (CaptureRefusal.DiskFloor, "the collector's disk takes no more: free space below its state_directory");
            Keep(command);
            return null;
        }
    }

    /// <summary>What waits for a node, oldest first.</summary>
    public IReadOnlyList<PendingCommand> Of(string node)
    {
        lock (journal.Gate)
        {
            var now = time.GetUtcNow();
            return byNode.TryGetValue(node, out var waiting) ? [.. waiting.Where(command => command.ExpiresAt > now)] : [];
        }
    }

    /// <summary>Notes that a command is about to be written to a stream: its agent may know it from now on. False where it waits no longer.</summary>
    public bool TryTell(PendingCommand command)
    {
        lock (journal.Gate)
        {
            if (byNode.GetValueOrDefault(command.Node)?.Contains(command) != true) return false;
            told.Add(command.Command.Sequence);
            return true;
        }
    }

    /// <summary>An agent has spoken of a capture: the command to take it waits no longer, that to take it back not once the capture is over.</summary>
    public void Acknowledge(string node, string capture, bool isOver)
    {
        lock (journal.Gate)
            Settle(node, command => command.Capture == capture && (isOver || command.Command.Capture is not null));
    }

    /// <summary>Takes back a capture that no agent can know of yet; false where one may.</summary>
    public bool TryWithdraw(string node, string capture)
    {
        lock (journal.Gate) return Settle(node, command => command.Command.Capture?.Id == capture && !told.Contains(command.Command.Sequence)) > 0;
    }

    /// <summary>The node that a waiting capture is for; null where none waits.</summary>
    public string? NodeOf(string capture)
    {
        lock (journal.Gate) return byNode.FirstOrDefault(pair => pair.Value.Exists(command => command.Command.Capture?.Id == capture)).Key;
    }

    /// <summary>Gives up what has expired.</summary>
    /// <returns>The captures among it.</returns>
    public IReadOnlyList<CaptureRequest> Expire()
    {
        lock (journal.Gate)
        {
            var now = time.GetUtcNow();
            var expired = byNode.Values.SelectMany(static waiting => waiting).Where(command => command.ExpiresAt <= now).ToArray();
            foreach (var command in expired) Settle(command.Node, other => ReferenceEquals(other, command));
            Expired += expired.Length;
            return [.. expired.Select(static command => command.Command.Capture).OfType<CaptureRequest>()];
        }
    }

    /// <inheritdoc/>
    public void Restore(JournalRecord type, ReadOnlySpan<byte> json)
    {
        switch (type)
        {
            // A new segment repeats what an older one holds.
            case JournalRecord.Command when Read(json) is { } command && byNode.GetValueOrDefault(command.Node)?.Exists(known => known.Command.Sequence == command.Command.Sequence) != true:
                Keep(command);
                // An earlier life may have written it to a stream.
                told.Add(command.Command.Sequence);
                break;
            case JournalRecord.Settled when long.TryParse(json, System.Globalization.CultureInfo.InvariantCulture, out var sequence):
                foreach (var node in byNode.Keys.ToArray()) Remove(node, command => command.Command.Sequence == sequence);
                break;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<(JournalRecord Type, byte[] Json)> Living() => byNode.Values.SelectMany(static waiting => waiting).Select(static command => (JournalRecord.Command, Write(command)));

    private static byte[] Write(PendingCommand command) => JsonSerializer.SerializeToUtf8Bytes(command, StateJson.Default.PendingCommand);

    private static PendingCommand? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, StateJson.Default.PendingCommand);
        }
        catch (JsonException)
        {
            // Of a version that wrote another form; its capture is asked for again by whoever still wants it.
            return null;
        }
    }

    private void Keep(PendingCommand command)
    {
        if (!byNode.TryGetValue(command.Node, out var waiting)) byNode[command.Node] = waiting = [];
        waiting.Add(command);
        lastSequence = Math.Max(lastSequence, command.Command.Sequence);
        Count++;
    }

    private int Settle(string node, Predicate<PendingCommand> which)
    {
        var removed = Remove(node, which);
        // Where this cannot be written the command is told once more after a restart, which its id makes harmless.
        foreach (var command in removed)
            journal.TryAppend(JournalRecord.Settled, System.Text.Encoding.ASCII.GetBytes(command.Command.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        return removed.Count;
    }

    private List<PendingCommand> Remove(string node, Predicate<PendingCommand> which)
    {
        if (!byNode.TryGetValue(node, out var waiting)) return [];
        var removed = waiting.FindAll(which);
        if (removed.Count == 0) return removed;
        waiting.RemoveAll(which);
        if (waiting.Count == 0) byNode.Remove(node);
        foreach (var command in removed) told.Remove(command.Command.Sequence);
        Count -= removed.Count;
        return removed;
    }
}
