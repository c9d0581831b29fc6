using System.Globalization;
using System.Text;
using Monitoring.Agent.Sampling;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>A trigger that must hold on several GPUs of the node at once.</summary>
/// <param name="atLeast">On how many.</param>
internal sealed class QuorumPredicate(int atLeast) : Predicate
{
    private readonly List<(GpuSubject Gpu, Predicate Trigger)> members = [];

    internal override Tiers Tiers => Tiers.None;

    /// <summary>Indexes of the GPUs on which it holds, in their order.</summary>
    internal string Holders => string.Join(',', members.Where(static member => member.Trigger.Value == Truth.True).Select(static member => member.Gpu.Index).Order());

    internal override void Bind(FrameLayout layout)
    {
    }

    /// <summary>Asks a GPU's trigger too; one that it asks already is named as the GPU is now.</summary>
    internal void Add(GpuSubject gpu, Predicate trigger)
    {
        var place = members.FindIndex(member => ReferenceEquals(member.Trigger, trigger));
        if (place < 0) members.Add((gpu, trigger));
        else members[place] = (gpu, trigger);
    }

    internal void Remove(Predicate trigger) => members.RemoveAll(member => ReferenceEquals(member.Trigger, trigger));

    /// <summary>Asks the members; they look for themselves.</summary>
    internal override Truth Update(SubjectFrame frame)
    {
        var (holding, unknown, unsupported) = (0, 0, 0);
        foreach (var (_, trigger) in members)
        {
            if (trigger.Value == Truth.True) holding++;
            else if (trigger.Value != Truth.Unknown) continue;
            else if (trigger.IsUnsupported) unsupported++;
            else unknown++;
        }
        // GPUs that cannot tell do not keep the others from clearing.
        return Value = holding >= atLeast ? Truth.True : holding + unknown >= atLeast || unsupported == members.Count ? Truth.Unknown : Truth.False;
    }

    internal override void Explain(StringBuilder text)
    {
        var holding = members.Where(static member => member.Trigger.Value == Truth.True).ToArray();
        text.Append(CultureInfo.InvariantCulture, $"holds on {holding.Length} of {members.Count} GPUs");
        if (holding.Length > 0) text.Append(" (").Append(Holders).Append(')');
        text.Append(CultureInfo.InvariantCulture, $", needs {atLeast}");
        if ((holding.Length > 0 ? holding : members.ToArray()) is not [var (gpu, trigger), ..]) return;
        text.Append(CultureInfo.InvariantCulture, $"; GPU {gpu.Index}: ");
        trigger.Explain(text);
    }

    internal override void AddEvidence(List<EventValue> values)
    {
        foreach (var (gpu, trigger) in members)
        {
            if (trigger.Value != Truth.True) continue;
            var from = values.Count;
            trigger.AddEvidence(values);
            for (; from < values.Count; from++)
                values[from] = values[from] with { Name = string.Create(CultureInfo.InvariantCulture, $"{values[from].Name} on GPU {gpu.Index}") };
        }
    }
}
