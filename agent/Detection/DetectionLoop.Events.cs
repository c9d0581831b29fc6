using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection;

/// <summary>What the loop does with what the sources saw.</summary>
internal sealed partial class DetectionLoop
{
    private void Publish(EventRecord untold)
    {
        var record = WithJob(untold);
        var isNew = journal.Append(record);
        if (isNew) LogEvent(record.Severity, record.Title);
        // Health first: what rules then make of it joins the reason that the event gave.
        if (isNew) Judge(record);
        // Rules know by its id what they have counted already, and a sudden end may have come before they did.
        Count(record);
    }

    /// <summary>The event with the job that its GPU works for, where it names none itself.</summary>
    private EventRecord WithJob(EventRecord record) =>
        record is { Job: null, Gpu.Uuid: { Length: > 0 } uuid } && parts.Jobs?.Of(uuid) is { } job ? record with { Job = job } : record;

    /// <summary>After a restart the rules take the events that a sudden end kept from them; then their clock moves on.</summary>
    private void TakeUp()
    {
        foreach (var record in keeping.TakeMissed()) CatchUp(record);
        Rules.Tick(time.GetTimestamp(), UnixMicroseconds);
    }

    private void CatchUp(EventRecord record)
    {
        try
        {
            Rules.CatchUp(record, time.GetTimestamp(), UnixMicroseconds);
            keeping.NoteTaken(record);
        }
        catch (Exception fault)
        {
            Failed(fault);
        }
    }

    private void Count(EventRecord record)
    {
        try
        {
            Rules.Take(record);
            keeping.NoteTaken(record);
        }
        catch (Exception fault)
        {
            Failed(fault);
        }
    }

    private void Judge(EventRecord record)
    {
        try
        {
            health.Take(record);
        }
        catch (Exception fault)
        {
            Failed(fault);
        }
    }
}
