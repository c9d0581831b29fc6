using Monitoring.Agent.Detection.Rules;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Detection;

/// <summary>Reads every frame of one lane once. Owned by the thread of detection.</summary>
internal sealed class LaneFrames(GpuLane lane)
{
    private SampledSet? set;
    private double[] values = [];
    private long next;

    /// <summary>The lane whose frames these are.</summary>
    internal GpuLane Lane => lane;

    /// <summary>Who the GPU is; null until the lane opened it.</summary>
    internal GpuSubject? Subject { get; private set; }

    /// <summary>Frames that the lane overwrote before they were read.</summary>
    internal long Missed { get; private set; }

    /// <summary>Hands every new frame to the rules.</summary>
    internal void Drain(RuleEngine rules)
    {
        if (lane.Sampler is not { } sampler || lane.Identity is not { } identity) return;
        Subject ??= new GpuSubject(identity.Index, identity.Uuid, identity.Serial, identity.PciBusId, identity.Model);
        var latest = sampler.Sets[0];
        if (!ReferenceEquals(latest, set))
        {
            // Links were found, or MIG mode changed: the set is a new one, and what the old one still has comes first.
            if (set is not null) Drain(rules, Subject, set);
            (set, next) = (latest, 0);
            if (values.Length < set.Frames.Series) values = new double[set.Frames.Series];
        }
        Drain(rules, Subject, set!);
    }

    private void Drain(RuleEngine rules, GpuSubject subject, SampledSet from)
    {
        var frame = values.AsSpan(0, from.Frames.Series);
        var expected = next;
        while (from.Frames.TryRead(ref next, frame, out var stamp))
        {
            Missed += stamp.Number - expected;
            expected = next;
            rules.Take(subject, from.Layout, stamp, frame);
        }
    }
}
