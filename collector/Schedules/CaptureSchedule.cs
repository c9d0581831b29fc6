using Monitoring.Collector.Commands;
using Monitoring.Contracts.Commands;
using Quartz;

namespace Monitoring.Collector.Schedules;

/// <summary>A schedule that is right: its times and what it captures.</summary>
/// <param name="Definition">As it was given.</param>
/// <param name="Cron">Its times, in its zone.</param>
/// <param name="Selector">What it captures.</param>
internal sealed record CaptureSchedule(ScheduleDefinition Definition, CronExpression Cron, NodeSelector Selector)
{
    private const int LongestName = 64;
    private const int LongestCron = 256;
    private const int UnixFields = 5;

    /// <summary>Its name.</summary>
    public string Name => Definition.Name ?? "";

    /// <summary>What becomes of firings that were missed.</summary>
    public ScheduleMisfire Misfire => Definition.Misfire ?? ScheduleMisfire.Skip;

    /// <summary>Reads a schedule; null, with every mistake in <paramref name="problems"/>, where it is none.</summary>
    public static CaptureSchedule? Of(ScheduleDefinition definition, CommandSettings settings, TimeProvider time, List<FieldProblem> problems)
    {
        if (!IsName(definition.Name)) problems.Add(new FieldProblem("name", ApiAnswer.Shown(definition.Name), $"1 to {LongestName} of a-z, A-Z, 0-9, '.', '_' and '-'"));
        var cron = Times(definition, time, problems);
        var selector = NodeSelector.Parse(definition.Selector ?? "", "selector", problems);
        if (selector.IsEmpty && problems.TrueForAll(static problem => problem.Field != "selector")) problems.Add(new FieldProblem("selector", ApiAnswer.Shown(definition.Selector), "all, node=NAME or job=ID, to say what is to be captured"));
        CaptureWish.CheckDuration(definition.DurationSeconds, "duration_seconds", settings, problems);
        CaptureWish.CheckProfilers(definition.Profilers ?? [], "profilers", problems);
        if (definition.By is { Length: > 128 }) problems.Add(new FieldProblem("by", ApiAnswer.Shown(definition.By), "a name of at most 128 characters"));
        return problems.Count == 0 && cron is not null ? new CaptureSchedule(definition, cron, selector) : null;
    }

    /// <summary>True for what a schedule may be called.</summary>
    public static bool IsName(string? name) => name is { Length: > 0 and <= LongestName } && name.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-');

    /// <summary>The next firing after a time; null for none.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset after) => NextAfter(Cron, after);

    /// <summary>The last firing within a span of time, its start left out; null for none.</summary>
    public DateTimeOffset? LastWithin(DateTimeOffset after, DateTimeOffset until)
    {
        // Backwards from the end: a schedule of each second may have missed a year.
        return Cron.GetPreviousValidTimeBefore(until.AddSeconds(1)) is { } last && last > after && last <= until ? last : null;
    }

    private static CronExpression? Times(ScheduleDefinition definition, TimeProvider time, List<FieldProblem> problems)
    {
        const string Expected = "five fields as of crontab, such as '0 3 * * 1', or six or seven with seconds in front, such as '0 0 3 ? * MON'";
        var text = definition.Cron ?? "";
        CronExpression? cron = null;
        if (text.Length is 0 or > LongestCron)
        {
            problems.Add(new FieldProblem("cron", ApiAnswer.Shown(text), Expected));
        }
        else
        {
            try
            {
                var fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
                cron = CronExpression.Parse(text, fields == UnixFields ? CronFormat.Unix : CronFormat.Quartz);
            }
            catch (Exception fault) when (fault is FormatException or ArgumentException or OverflowException)
            {
                problems.Add(new FieldProblem("cron", ApiAnswer.Shown(text), $"{Expected}: {fault.Message.ReplaceLineEndings(" ")}"));
            }
        }

        var zone = definition.TimeZone is { Length: > 0 } name ? name : "UTC";
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found))
        {
            problems.Add(new FieldProblem("time_zone", ApiAnswer.Shown(zone), "the IANA name of a zone that this machine knows, such as UTC or Europe/Berlin (package tzdata)"));
            return null;
        }

        cron = cron?.WithTimeZone(found);
        if (cron is not null && NextAfter(cron, time.GetUtcNow()) is null) problems.Add(new FieldProblem("cron", ApiAnswer.Shown(text), "times of which at least one is still to come"));
        return cron;
    }

    private static DateTimeOffset? NextAfter(CronExpression cron, DateTimeOffset after)
    {
        try
        {
            return cron.GetNextValidTimeAfter(after);
        }
        catch (ArgumentOutOfRangeException)
        {
            // Quartz reads "59 0 L , *", whose list of months is empty, and then looks for one beyond the last year there is.
            return null;
        }
    }
}
