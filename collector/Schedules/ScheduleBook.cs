using System.Text.Json;
using System.Text.Json.Serialization;
using Monitoring.Contracts.Commands;
using Monitoring.Segments;

namespace Monitoring.Collector.Schedules;

/// <summary>
/// The schedules that were made over the API, and when each was last seen to: one small file in the state directory, replaced as a
/// whole. It is what tells after a restart which firings were missed, for the scheduler itself keeps its times in memory.
/// </summary>
internal sealed partial class ScheduleBook
{
    /// <summary>Who made the schedules of the configuration file.</summary>
    public const string FromConfiguration = "configuration";

    /// <summary>Schedules over the API.</summary>
    public const int SchedulesAtMost = 200;

    private const string FileName = "schedules.json";

    private readonly Lock gate = new();
    private readonly string path;
    private readonly ILogger<ScheduleBook> logger;
    private readonly SortedDictionary<string, ScheduleDefinition> schedules = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> seenTo = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> fired = new(StringComparer.Ordinal);

    /// <summary>Reads the file of a state directory; empty keeps nothing over a restart.</summary>
    public ScheduleBook(string stateDirectory, ILogger<ScheduleBook> logger)
    {
        this.logger = logger;
        path = stateDirectory.Length == 0 ? "" : Path.Combine(stateDirectory, FileName);
        if (Load() is not { } kept) return;
        foreach (var schedule in (kept.Schedules ?? []).Where(static schedule => schedule.Name is { Length: > 0 })) schedules[schedule.Name ?? ""] = schedule;
        foreach (var (name, at) in kept.SeenTo ?? []) seenTo[name] = at;
        foreach (var (name, at) in kept.Fired ?? []) fired[name] = at;
    }

    /// <summary>The schedules of the API, by name.</summary>
    public IReadOnlyList<ScheduleDefinition> Schedules
    {
        get
        {
            lock (gate) return [.. schedules.Values];
        }
    }

    /// <summary>The time of the firing that was last taken or left out, or of the schedule's making; null where it is new.</summary>
    public DateTimeOffset? SeenTo(string name)
    {
        lock (gate) return seenTo.TryGetValue(name, out var at) ? at : null;
    }

    /// <summary>The time of the firing that was last taken or left out; null before the first.</summary>
    public DateTimeOffset? LastFired(string name)
    {
        lock (gate) return fired.TryGetValue(name, out var at) ? at : null;
    }

    /// <summary>Keeps a schedule.</summary>
    /// <returns>Null, or why it cannot be kept.</returns>
    public string? Put(ScheduleDefinition schedule, DateTimeOffset now)
    {
        lock (gate)
        {
            var name = schedule.Name ?? "";
            if (!schedules.ContainsKey(name) && schedules.Count >= SchedulesAtMost) return $"{schedules.Count} schedules are kept, no more are: delete some";
            var before = schedules.GetValueOrDefault(name);
            DateTimeOffset? seenBefore = seenTo.TryGetValue(name, out var seen) ? seen : null;
            schedules[name] = schedule;
            // What lies before its making was never wanted.
            seenTo[name] = now;
            if (Save() is not { } fault) return null;
            if (before is null) schedules.Remove(name);
            else schedules[name] = before;
            if (seenBefore is { } at) seenTo[name] = at;
            else seenTo.Remove(name);
            return fault;
        }
    }

    /// <summary>Forgets a schedule; false where there is none, and why it cannot be.</summary>
    public (bool IsThere, string? Fault) Remove(string name)
    {
        lock (gate)
        {
            if (!schedules.Remove(name, out var before)) return (false, null);
            if (Save() is { } fault)
            {
                schedules[name] = before;
                return (true, fault);
            }

            seenTo.Remove(name);
            fired.Remove(name);
            return (true, null);
        }
    }

    /// <summary>Notes that a firing was taken or left out.</summary>
    public void See(string name, DateTimeOffset at)
    {
        lock (gate)
        {
            if (!fired.TryGetValue(name, out var last) || last < at) fired[name] = at;
            Begin(name, at);
        }
    }

    /// <summary>Notes that what a schedule lets fire before this time is not missed.</summary>
    public void Begin(string name, DateTimeOffset at)
    {
        lock (gate)
        {
            if (seenTo.TryGetValue(name, out var before) && before >= at) return;
            seenTo[name] = at;
            if (Save() is { } fault) LogNotKept(name, fault);
        }
    }

    /// <summary>Forgets when schedules were seen to that exist no more.</summary>
    public void Retain(IReadOnlySet<string> names)
    {
        lock (gate)
        {
            foreach (var name in seenTo.Keys.Where(name => !names.Contains(name)).ToArray()) seenTo.Remove(name);
            foreach (var name in fired.Keys.Where(name => !names.Contains(name)).ToArray()) fired.Remove(name);
        }
    }

    private KeptSchedules? Load()
    {
        if (path.Length == 0 || !File.Exists(path)) return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), ScheduleJson.Default.KeptSchedules);
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException)
        {
            LogUnreadable(path, fault.Message);
            // Kept for a person: the next change would write over it.
            try
            {
                File.Move(path, path + ".unreadable", overwrite: true);
            }
            catch (Exception again) when (again is IOException or UnauthorizedAccessException)
            {
                LogUnreadable(path, again.Message);
            }

            return null;
        }
    }

    private string? Save()
    {
        if (path.Length == 0) return null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? ".");
            DurableFile.Replace(path, JsonSerializer.SerializeToUtf8Bytes(new KeptSchedules([.. schedules.Values], new Dictionary<string, DateTimeOffset>(seenTo), new Dictionary<string, DateTimeOffset>(fired)), ScheduleJson.Default.KeptSchedules));
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"{path} cannot be written: {fault.Message}";
        }
    }

    [LoggerMessage(EventId = 5160, Level = LogLevel.Error, Message = "The schedules in {Path} cannot be read: {Fault}. They are set aside beside it; those of the configuration hold.")]
    private partial void LogUnreadable(string path, string fault);

    [LoggerMessage(EventId = 5161, Level = LogLevel.Error, Message = "That schedule {Name} was seen to could not be kept: {Fault}. After a restart it may be taken for missed.")]
    private partial void LogNotKept(string name, string fault);
}

/// <summary>The file.</summary>
internal sealed record KeptSchedules(IReadOnlyList<ScheduleDefinition>? Schedules, Dictionary<string, DateTimeOffset>? SeenTo, Dictionary<string, DateTimeOffset>? Fired = null);

/// <summary>The file as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(KeptSchedules))]
internal sealed partial class ScheduleJson : JsonSerializerContext;
