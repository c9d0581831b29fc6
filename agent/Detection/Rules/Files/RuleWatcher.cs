using System.Security.Cryptography;
using System.Text;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Detection.Rules.Files;

/// <summary>The rules that hold, and when they came to.</summary>
/// <param name="LoadedAt">When they were read, by the wall clock.</param>
internal sealed record LoadedRules(IReadOnlyList<RuleDefinition> Rules, DateTimeOffset LoadedAt);

/// <summary>
/// Keeps the rules as the files say, while they change. It polls on a timer's thread, since watches of the kernel miss what a mounted
/// ConfigMap does; files with a mistake leave the rules as they were, as a whole, and are logged once for each content.
/// </summary>
internal sealed partial class RuleWatcher : IDisposable
{
    /// <summary>How often names, sizes and times are looked at; a change is read when it was seen twice, so not half written.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    // An editor may keep size and time of a file; its content is read this often whatever they say.
    private const int PollsBetweenReadings = 30;

    // Files that change all the time are read in the end.
    private const int PollsOfPatience = 5;
    private const int MistakesLogged = 20;

    private readonly RuleLayers layers;
    private readonly TimeProvider time;
    private readonly ILogger<RuleWatcher> log;
    private readonly Lock gate = new();
    private readonly ITimer timer;
    private volatile LoadedRules current;
    private string seen;
    private string loaded;
    private string content;
    private int sinceReading;
    private int unsettled;
    private bool isRight;
    private long triedAt;

    /// <summary>Reads the files. With a mistake in them, only the shipped rules hold until it is corrected: an agent that does not start would see nothing at all.</summary>
    internal RuleWatcher(DetectionSettings settings, TimeProvider time, ILogger<RuleWatcher> log)
    {
        layers = new RuleLayers(settings);
        this.time = time;
        this.log = log;
        seen = loaded = layers.Signature();
        content = Content();
        var load = layers.Load();
        var rules = load.IsRight ? load.Rules : settings.ShippedRules ? RuleFiles.Load([ShippedRules.File]).Rules : [];
        current = new LoadedRules(rules, time.GetUtcNow());
        Tell(load, rules.Count);
        timer = time.CreateTimer(static watcher => ((RuleWatcher)watcher!).Poll(), this, Interval, Interval);
    }

    /// <summary>The rules that hold now; another object after each change.</summary>
    internal LoadedRules Current => current;

    /// <summary>Whether the files as they are now were understood.</summary>
    internal bool IsRight => Volatile.Read(ref isRight);

    /// <summary>Answers for the metrics of the rule files.</summary>
    internal void Register(NodeReadings readings)
    {
        readings.Add(MetricTable.RulesLoaded, () => current.Rules.Count);
        readings.Add(MetricTable.RulesReloadSuccessful, () => IsRight ? 1 : 0);
        readings.Add(MetricTable.RulesReloadTime, () => Volatile.Read(ref triedAt) / 1000.0);
    }

    public void Dispose() => timer.Dispose();

    private void Poll()
    {
        // A slow disk may make polls overlap; the later one has nothing to do.
        if (!gate.TryEnter()) return;
        try
        {
            Look();
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            ReloadFault(fault);
        }
        finally
        {
            gate.Exit();
        }
    }

    private void Look()
    {
        var now = layers.Signature();
        var isSettled = now == seen || ++unsettled >= PollsOfPatience;
        seen = now;
        sinceReading++;
        if (!isSettled || (now == loaded && sinceReading < PollsBetweenReadings)) return;
        loaded = now;
        unsettled = 0;
        sinceReading = 0;
        var read = Content();
        if (read == content) return;
        content = read;
        var load = layers.Load();
        if (load.IsRight) current = new LoadedRules(load.Rules, time.GetUtcNow());
        Tell(load, current.Rules.Count);
    }

    private void Tell(RuleLoad load, int count)
    {
        Volatile.Write(ref isRight, load.IsRight);
        Volatile.Write(ref triedAt, time.GetUtcNow().ToUnixTimeMilliseconds());
        if (load.IsRight)
        {
            Loaded(count);
            return;
        }
        foreach (var mistake in load.Mistakes.Take(MistakesLogged)) Mistake(mistake);
        Refused(load.Mistakes.Count, count);
    }

    /// <summary>A fingerprint of the directory's files and of why any cannot be read.</summary>
    private string Content()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (file, text, trouble) in layers.Read())
        {
            // A byte that UTF-8 never has tells where one part ends.
            foreach (var part in (ReadOnlySpan<string>)[file, text ?? "", trouble])
            {
                hash.AppendData(Encoding.UTF8.GetBytes(part));
                hash.AppendData([0xFF]);
            }
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    [LoggerMessage(EventId = 1550, Level = LogLevel.Information, Message = "{Count} anomaly rules hold.")]
    private partial void Loaded(int count);

    [LoggerMessage(EventId = 1551, Level = LogLevel.Error, Message = "Rule file: {Mistake}")]
    private partial void Mistake(RuleMistake mistake);

    [LoggerMessage(EventId = 1552, Level = LogLevel.Error, Message = "The rule files have {Mistakes} mistakes and are not used; the {Count} rules from before hold. `gpu-agent check-rules` shows every mistake.")]
    private partial void Refused(int mistakes, int count);

    [LoggerMessage(EventId = 1553, Level = LogLevel.Error, Message = "Reading the rule files ended in a fault of the agent; the rules from before hold.")]
    private partial void ReloadFault(Exception fault);
}
