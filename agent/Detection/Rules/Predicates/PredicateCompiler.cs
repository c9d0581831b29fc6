namespace Monitoring.Agent.Detection.Rules.Predicates;

/// <summary>Makes the predicates of a rule for one subject.</summary>
/// <param name="pinned">Labels of the instance.</param>
/// <param name="model">Model of the GPU: only equal models are compared with each other; empty for unknown.</param>
/// <param name="peers">The rule's groups, by trigger; filled here.</param>
internal sealed class PredicateCompiler(IReadOnlyList<KeyValuePair<string, string>> pinned, string model, Dictionary<PeerTrigger, PeerGroup> peers)
{
    /// <summary>Makes the predicate of a trigger.</summary>
    /// <exception cref="ArgumentException">The trigger has no parts, or a pattern that cannot be matched.</exception>
    internal Predicate Compile(TriggerDefinition trigger) => trigger switch
    {
        ThresholdTrigger t => new ThresholdPredicate(t, Reader(t.Series), Reader(t.Bound)),
        WindowTrigger t => new WindowPredicate(t, Reader(t.Series), Reader(t.Bound)),
        RateTrigger t => new GrowthPredicate(t, Reader(t.Series), Reader(t.Bound)),
        IncreaseTrigger t => new GrowthPredicate(t, Reader(t.Series), Reader(t.Bound)),
        TimeShareTrigger t => new TimeSharePredicate(t, Reader(t.Series)),
        HistoryTrigger t => new HistoryPredicate(t, Reader(t.Series)),
        PeerTrigger t => new PeerPredicate(t, Reader(t.Series), t.While is null ? null : Compile(t.While), Peers(t), model),
        AbsenceTrigger t => new AbsencePredicate(t, t.Series is null ? null : Reader(t.Series)),
        FallenTrigger t => new FallenPredicate(Reader(t.Series)),
        EventTrigger t => new EventPredicate(t),
        AllTrigger t => new AllPredicate(Parts(t.Parts)),
        AnyTrigger t => new AnyPredicate(Parts(t.Parts)),
        NotTrigger t => new NotPredicate(Compile(t.Part)),
        _ => throw new ArgumentException($"A trigger of kind {trigger.GetType().Name} cannot be run.", nameof(trigger)),
    };

    /// <summary>Every selector in a trigger.</summary>
    internal static IEnumerable<SeriesSelector> Selectors(TriggerDefinition trigger) => trigger switch
    {
        ThresholdTrigger t => Selectors(t.Series, t.Bound),
        WindowTrigger t => Selectors(t.Series, t.Bound),
        RateTrigger t => Selectors(t.Series, t.Bound),
        IncreaseTrigger t => Selectors(t.Series, t.Bound),
        TimeShareTrigger t => [t.Series],
        HistoryTrigger t => [t.Series],
        PeerTrigger t => [t.Series, .. t.While is null ? [] : Selectors(t.While)],
        AbsenceTrigger { Series: { } series } => [series],
        FallenTrigger t => [t.Series],
        AllTrigger t => t.Parts.SelectMany(Selectors),
        AnyTrigger t => t.Parts.SelectMany(Selectors),
        NotTrigger t => Selectors(t.Part),
        _ => [],
    };

    /// <summary>True where a trigger looks at the frames of a GPU as such.</summary>
    internal static bool LooksAtFrames(TriggerDefinition trigger) => trigger switch
    {
        AbsenceTrigger { Series: null } => true,
        AllTrigger t => t.Parts.Any(LooksAtFrames),
        AnyTrigger t => t.Parts.Any(LooksAtFrames),
        NotTrigger t => LooksAtFrames(t.Part),
        _ => false,
    };

    private static IEnumerable<SeriesSelector> Selectors(SeriesSelector series, Bound bound) => bound.Series is null ? [series] : [series, bound.Series];

    private SeriesReader Reader(SeriesSelector selector) => new(selector, pinned);

    private BoundReader Reader(Bound bound) => new(bound, pinned);

    private Predicate[] Parts(IReadOnlyList<TriggerDefinition> parts) =>
        parts.Count > 0 ? [.. parts.Select(Compile)] : throw new ArgumentException("A trigger composed of others has no parts.", nameof(parts));

    private PeerGroup Peers(PeerTrigger trigger) =>
        peers.TryGetValue(trigger, out var group) ? group : peers[trigger] = new PeerGroup();
}
