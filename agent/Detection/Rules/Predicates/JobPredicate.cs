using System.Text;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>A rule's trigger on a GPU, for as long as the GPU works for a job that the rule's filter lets through; else it does not hold.</summary>
/// <param name="trigger">The trigger.</param>
/// <param name="filter">The rule's filter.</param>
/// <param name="jobOf">The job of the GPU now; the same object while it is the same job.</param>
internal sealed class JobPredicate(Predicate trigger, RuleFilter filter, Func<JobReference?> jobOf) : CompositePredicate([trigger])
{
    private JobReference? job;
    private bool isMeant;

    // Jobs come and go between readings.
    internal override bool IsTimed => true;

    internal override bool IsUnsupported => isMeant && trigger.IsUnsupported;

    internal override Truth Update(SubjectFrame frame)
    {
        var now = jobOf();
        if (!ReferenceEquals(now, job)) (job, isMeant) = (now, now is not null && FilterText.IsMeant(filter, now));
        // Its windows are filled whoever has the GPU.
        var value = trigger.Update(frame);
        return Value = ReferenceEquals(job, GpuJobs.NotYet) ? Truth.Unknown : isMeant ? value : Truth.False;
    }

    internal override void Explain(StringBuilder text)
    {
        if (isMeant) trigger.Explain(text);
        else text.Append("filter: ").Append(job is null or { Id: "" } ? "no job of the GPU is known" : $"job {job.Id} ({job.Name})").Append(", wanted is one of ").AppendJoin(", ", filter.Jobs);
    }

    internal override void AddEvidence(List<EventValue> values) => trigger.AddEvidence(values);
}
