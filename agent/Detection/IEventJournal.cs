using System.Text.Json;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection;

/// <summary>
/// What detection needs of the journal. Everything is kept in the order in which it was appended, so that a cursor or a state is on
/// disk only when every event before it is. Appending never waits for the disk and never throws.
/// </summary>
internal interface IEventJournal
{
    /// <summary>Keeps an event; one whose id it has already is passed over.</summary>
    /// <returns>False for an event that it has already.</returns>
    bool Append(EventRecord record);

    /// <summary>Keeps how far a source was read.</summary>
    void Append(SourceCursor cursor);

    /// <summary>Keeps the state of a part of detection in place of the one before.</summary>
    /// <param name="name">Name of the part, such as <c>rules</c>.</param>
    /// <param name="state">Its state, of its own making.</param>
    void AppendState(string name, JsonElement state);

    /// <summary>Counts a rule that fired without making an event: in shadow, or over its limits. An event counts itself.</summary>
    void CountAnomaly(string rule, GpuReference? gpu);

    /// <summary>The last cursor of a source; null for none.</summary>
    string? Cursor(string source);

    /// <summary>The last state of a part; null for none.</summary>
    JsonElement? State(string name);

    /// <summary>The newest events, oldest first: at most <paramref name="atMost"/>.</summary>
    IReadOnlyList<EventRecord> Recent(int atMost);
}
