namespace Monitoring.Agent.Detection.Rules;

/// <summary>How many instances of a rule stand where, without their reasons in words.</summary>
/// <param name="Rule">Name of the rule.</param>
/// <param name="IsShadow">True for a rule that only counts.</param>
/// <param name="ByState">Instances, by <see cref="RuleState"/>.</param>
/// <param name="Suppressed">How often limits kept it from acting.</param>
internal sealed record RuleTally(string Rule, bool IsShadow, IReadOnlyList<int> ByState, long Suppressed)
{
    private static readonly int States = Enum.GetValues<RuleState>().Length;

    /// <summary>Counts; any thread may, since a state is one word and the lists are never changed.</summary>
    internal static RuleTally Of(RuleProgram program, IReadOnlyList<SavedInstance> saved)
    {
        var (byState, suppressed, instances) = (new int[States], 0L, program.Instances);
        foreach (var instance in instances)
        {
            byState[(int)instance.State]++;
            suppressed += instance.Suppressed;
        }
        var isSaved = false;
        foreach (var item in saved)
        {
            if (!item.IsFiring || item.Rule != program.Rule.Name) continue;
            isSaved = true;
            byState[(int)RuleState.Firing]++;
            suppressed += item.Suppressed;
        }
        // A rule that looks at nothing yet stands there all the same.
        if (instances.Count == 0 && !isSaved) byState[(int)RuleState.NoData]++;
        return new RuleTally(program.Rule.Name, program.Rule.Shadow, byState, suppressed);
    }
}
