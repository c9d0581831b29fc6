using Monitoring.Collector.Commands;
using Monitoring.Collector.Fleet;
using Monitoring.Contracts.Captures;
using Monitoring.Contracts.Commands;
using Quartz;
using EventId = Monitoring.Contracts.Events.EventId;

namespace Monitoring.Collector.Schedules;

/// <summary>
/// Fires schedules: Quartz keeps the times, each firing becomes captures the way a person's wish does. What was missed while the
/// collector did not run is found by the book, once the agents have had time to come back.
/// </summary>
internal sealed partial class ScheduleRunner(
    IReadOnlyList<ScheduleSettings> configured, ScheduleBook book, CaptureOrders orders, CommandHub hub, JobDirectory jobs, AuditLog audit, CommandSettings settings, TimeProvider time, ILogger<ScheduleRunner> logger)
    : IHostedService, IAsyncDisposable
{
    /// <summary>How long after a start agents have time to connect before what was missed is made up for.</summary>
    public static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(20);

    // Scheduled captures of more are a mistake in the selector of one.
    private const int ThreadsAtMost = 2;

    private readonly Lock gate = new();
    private readonly Dictionary<string, (CaptureSchedule Schedule, bool IsConfigured)> schedules = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim changing = new(1, 1);
    private IScheduler? scheduler;
    private ITimer? settled;
    private DateTimeOffset startedAt;
    private IReadOnlyList<(CaptureSchedule Schedule, DateTimeOffset? Missed)> atStart = [];

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        startedAt = time.GetUtcNow();
        scheduler = await QuartzSchedulerBuilder.Create(builder =>
        {
            builder.UseTimeProvider(time);
            builder.UseInMemoryStore(static _ => { });
            builder.UseDefaultThreadPool(ThreadsAtMost);
            builder.ConfigureScheduler(static options => options.GenerateInstanceId = true);
            builder.Services.AddSingleton(this);
        }).BuildScheduler(cancellationToken);
        foreach (var definition in configured.Select(static one => one.ToDefinition())) await AddAsync(definition, isConfigured: true, cancellationToken);
        foreach (var definition in book.Schedules)
        {
            if (Find(definition.Name ?? "") is { IsConfigured: true }) LogHidden(definition.Name ?? "");
            else await AddAsync(definition, isConfigured: false, cancellationToken);
        }

        lock (gate)
        {
            book.Retain(schedules.Keys.ToHashSet(StringComparer.Ordinal));
            // Before the first firing of this life, after which the book no longer says where the last one ended.
            atStart = [.. schedules.Values.Select(one => (one.Schedule, book.SeenTo(one.Schedule.Name) is { } seen ? one.Schedule.LastWithin(seen, startedAt) : null))];
        }

        await scheduler.Start(cancellationToken);
        settled = time.CreateTimer(_ => MakeUp(), null, SettleTime, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (settled is not null) await settled.DisposeAsync();
        if (scheduler is not null) await scheduler.Shutdown(false, cancellationToken);
        scheduler = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        changing.Dispose();
    }

    /// <summary>Every schedule, by name.</summary>
    public ScheduleList List()
    {
        lock (gate) return new ScheduleList([.. schedules.Values.OrderBy(static one => one.Schedule.Name, StringComparer.Ordinal).Select(one => Status(one.Schedule, one.IsConfigured))]);
    }

    /// <summary>A schedule; null where there is none.</summary>
    public (ScheduleStatus Status, bool IsConfigured)? Find(string name)
    {
        lock (gate) return schedules.TryGetValue(name, out var one) ? (Status(one.Schedule, one.IsConfigured), one.IsConfigured) : null;
    }

    /// <summary>Makes or changes a schedule.</summary>
    /// <returns>Null, or why it cannot be kept.</returns>
    public async Task<string?> PutAsync(CaptureSchedule schedule, CancellationToken cancellationToken)
    {
        await changing.WaitAsync(cancellationToken);
        try
        {
            if (book.Put(schedule.Definition, time.GetUtcNow()) is { } fault) return fault;
            await SetAsync(schedule, isConfigured: false, cancellationToken);
            return null;
        }
        finally
        {
            changing.Release();
        }
    }

    /// <summary>Deletes a schedule of the API.</summary>
    public async Task<(bool IsThere, string? Fault)> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        await changing.WaitAsync(cancellationToken);
        try
        {
            var outcome = book.Remove(name);
            if (!outcome.IsThere || outcome.Fault is not null) return outcome;
            lock (gate) schedules.Remove(name);
            if (scheduler is not null) await scheduler.DeleteJob(new JobKey(name), cancellationToken);
            return outcome;
        }
        finally
        {
            changing.Release();
        }
    }

    /// <summary>Takes a firing; the same one again, as after a restart in its middle, is one.</summary>
    public void Fire(string name, DateTimeOffset at)
    {
        (CaptureSchedule Schedule, bool IsConfigured) one;
        lock (gate)
            if (!schedules.TryGetValue(name, out one)) return;
        var schedule = one.Schedule;
        var targets = schedule.Selector.Resolve(hub.Connected, jobs);
        if (targets.Count is 0 || targets.Count > settings.MaxNodesPerRequest)
        {
            var words = targets.Count == 0 ? $"no connected node has '{schedule.Definition.Selector}'" : $"{targets.Count} nodes have '{schedule.Definition.Selector}', commands.max_nodes_per_request allows {settings.MaxNodesPerRequest}";
            Audit(schedule, AuditOutcomes.Refused, words);
        }
        else
        {
            orders.Place(
                new CaptureWish(EventId.Of(name, at.UtcTicks.ToString(System.Globalization.CultureInfo.InvariantCulture)), "", new CaptureTrigger(TriggerKinds.Schedule, name, $"schedule {name} of {at:yyyy-MM-ddTHH:mm:ssZ}"),
                    targets, CaptureWish.CheckDuration(schedule.Definition.DurationSeconds, "", settings, []), name, "") { Profilers = schedule.Definition.Profilers ?? [] },
                out _);
        }

        book.See(name, at);
    }

    private void MakeUp()
    {
        foreach (var (schedule, missed) in atStart)
        {
            try
            {
                // One that was changed or deleted meanwhile has missed nothing, no more than a new one of the configuration.
                lock (gate)
                    if (!schedules.TryGetValue(schedule.Name, out var one) || !ReferenceEquals(one.Schedule, schedule)) continue;
                if (missed is { } at) MakeUp(schedule, at);
                else if (book.SeenTo(schedule.Name) is null) book.Begin(schedule.Name, startedAt);
            }
            catch (Exception fault)
            {
                LogFault(schedule.Name, fault);
            }
        }
    }

    private void MakeUp(CaptureSchedule schedule, DateTimeOffset missed)
    {
        if (schedule.Misfire == ScheduleMisfire.RunOnce)
        {
            Fire(schedule.Name, missed);
            return;
        }

        Audit(schedule, AuditOutcomes.Skipped, $"missed at {missed:yyyy-MM-ddTHH:mm:ssZ}, since the collector did not run; its misfire is skip");
        book.See(schedule.Name, missed);
    }

    private async Task AddAsync(ScheduleDefinition definition, bool isConfigured, CancellationToken cancellationToken)
    {
        var problems = new List<FieldProblem>();
        if (CaptureSchedule.Of(definition, settings, time, problems) is { } schedule) await SetAsync(schedule, isConfigured, cancellationToken);
        else LogWrong(definition.Name ?? "", string.Join("; ", problems));
    }

    private async Task SetAsync(CaptureSchedule schedule, bool isConfigured, CancellationToken cancellationToken)
    {
        lock (gate) schedules[schedule.Name] = (schedule, isConfigured);
        if (scheduler is null) return;
        var job = JobBuilder.Create<ScheduledCapture>().WithIdentity(schedule.Name).Build();
        // A firing that the scheduler itself is late for, as on a loaded machine, is left out; after a restart the book decides.
        var trigger = TriggerBuilder.Create(time).WithIdentity(schedule.Name).WithSchedule(CronScheduleBuilder.Create(schedule.Cron).InTimeZone(schedule.Cron.TimeZone).WithMisfireInstruction(CronTriggerMisfireInstruction.DoNothing)).Build();
        await scheduler.DeleteJob(new JobKey(schedule.Name), cancellationToken);
        await scheduler.ScheduleJob(job, trigger, cancellationToken: cancellationToken);
    }

    private ScheduleStatus Status(CaptureSchedule schedule, bool isConfigured) =>
        new(schedule.Definition, isConfigured ? ScheduleBook.FromConfiguration : "api", book.LastFired(schedule.Name), schedule.NextAfter(time.GetUtcNow()));

    private void Audit(CaptureSchedule schedule, string outcome, string words) => audit.Append(new AuditEntry(time.GetUtcNow(), AuditActions.Schedule, outcome, schedule.Name, Words: words, Trigger: TriggerKinds.Schedule));

    [LoggerMessage(EventId = 5162, Level = LogLevel.Warning, Message = "Schedule {Name} was made over the API and is in the configuration file as well, which holds: delete one of them.")]
    private partial void LogHidden(string name);

    [LoggerMessage(EventId = 5163, Level = LogLevel.Error, Message = "Schedule {Name} is left out: {Problems}.")]
    private partial void LogWrong(string name, string problems);

    [LoggerMessage(EventId = 5164, Level = LogLevel.Error, Message = "Making up for schedule {Name} ended in a fault.")]
    private partial void LogFault(string name, Exception fault);
}

/// <summary>A firing, as Quartz calls it.</summary>
internal sealed class ScheduledCapture(ScheduleRunner runner) : IJob
{
    /// <inheritdoc/>
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        runner.Fire(context.JobDetail.Key.Name, context.ScheduledFireTimeUtc ?? context.FireTimeUtc);
        return ValueTask.CompletedTask;
    }
}
