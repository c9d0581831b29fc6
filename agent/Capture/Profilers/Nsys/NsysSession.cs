using System.Globalization;

namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>A line of <c>nsys sessions list</c>.</summary>
/// <param name="Id">Its number; processes under it carry it as NSYS_PROFILING_SESSION_ID.</param>
/// <param name="State">Such as <c>Launched</c>, <c>Collection</c>.</param>
/// <param name="Name">Its name.</param>
internal sealed record NsysSession(long Id, string State, string Name)
{
    /// <summary>It waits for a start.</summary>
    internal const string Launched = "Launched";

    /// <summary>It records.</summary>
    internal const string Collection = "Collection";

    /// <summary>It was made without a program, as by a start in a session that does not exist.</summary>
    internal const string Started = "Started";

    /// <summary>More sessions than a node has GPUs and processes are not read.</summary>
    private const int SessionsAtMost = 1024;

    /// <summary>
    /// The sessions of a list: a right-aligned table of id, time, state, launches and name, with or without its header. Read from the right,
    /// since versions differ in how they write times.
    /// </summary>
    internal static IReadOnlyList<NsysSession> Read(string text)
    {
        var sessions = new List<NsysSession>();
        foreach (var line in NsysOutput.Lines(text))
        {
            string[] words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words is not [var number, _, .., var state, var launches, var name] || words.Length < 5 || sessions.Count == SessionsAtMost) continue;
            if (long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && long.TryParse(launches, NumberStyles.None, CultureInfo.InvariantCulture, out _))
                sessions.Add(new NsysSession(id, state, name));
        }
        return sessions;
    }
}
