using Monitoring.Agent.Detection.Rules.Predicates;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules;

/// <summary>A rule in use, with what its instances have in common.</summary>
internal sealed class RuleProgram(RuleDefinition rule, string fingerprint, NodeIdentity node, IRuleListener listener, long unixMicroseconds = 0, Func<string, JobReference?>? jobOf = null)
{
    private RuleInstance[] instances = [];

    /// <summary>When it came into use, microseconds since 1970.</summary>
    internal long SinceUnixMicroseconds => unixMicroseconds;

    /// <summary>As it was last read.</summary>
    internal RuleDefinition Rule { get; set; } = rule;

    /// <summary>Tells it from a changed one.</summary>
    internal string Fingerprint => fingerprint;

    /// <summary>What its predicates are made of: the same object however often it is read, since <see cref="Peers"/> go by it.</summary>
    internal TriggerDefinition Trigger { get; } = rule.Trigger;

    internal RuleReach Reach { get; } = RuleReaches.Of(rule);

    internal NodeIdentity Node => node;

    internal IRuleListener Listener => listener;

    /// <summary>Where it is run; replaced as a whole, so that any thread may look.</summary>
    internal IReadOnlyList<RuleInstance> Instances => Volatile.Read(ref instances);

    internal void Add(RuleInstance instance) => Volatile.Write(ref instances, [.. instances, instance]);

    internal void Remove(RuleInstance instance) => Volatile.Write(ref instances, [.. instances.Where(other => !ReferenceEquals(other, instance))]);

    /// <summary>Which GPUs each of its comparisons with peers compares.</summary>
    internal Dictionary<PeerTrigger, PeerGroup> Peers { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>The one trigger over several GPUs; null for a rule that needs one.</summary>
    internal QuorumPredicate? Quorum { get; } = rule.AtLeastGpus > 1 ? new QuorumPredicate(rule.AtLeastGpus) : null;

    /// <summary>The rules that tell of the same incident first.</summary>
    internal IReadOnlyList<RuleProgram> Tellers { get; set; } = [];

    /// <summary>When it last asked for a capture on this node, in nanoseconds; null for never.</summary>
    internal (long At, long UnixMicroseconds)? LastCapture { get; set; }

    /// <summary>Why it does not look at the node at all; empty where it does.</summary>
    internal string Refusal { get; } = FilterText.Refusal(rule.Filter, node, jobOf is not null);

    /// <summary>True where a trigger that was made for a GPU as it was known before is not the one for it as it is known now.</summary>
    internal bool DependsOn(GpuSubject before, GpuSubject now) =>
        (Peers.Count > 0 && before.Model != now.Model) || (Rule.Filter.Jobs.Count > 0 && before.Uuid != now.Uuid);

    /// <summary>The trigger for a GPU, held to the jobs of the rule's filter.</summary>
    internal Predicate Held(Predicate trigger, GpuSubject? gpu) => Rule.Filter.Jobs.Count > 0 && jobOf is not null && gpu is not null ? new JobPredicate(trigger, Rule.Filter, () => jobOf(gpu.Uuid)) : trigger;
}
