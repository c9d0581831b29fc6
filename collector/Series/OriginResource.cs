namespace Monitoring.Collector.Series;

/// <summary>A resource that sends, and its scopes. Only the store's writer touches it.</summary>
internal sealed class OriginResource(ResourceFacts facts)
{
    // A sender that writes its attributes in changing order gives the same thing many spellings; so many are remembered.
    private const int MostSpellings = 8;

    private readonly Dictionary<byte[], Origin> byBytes = new(BytesComparer.Instance);
    private readonly List<Origin> origins = [];

    /// <summary>What the resource says about itself.</summary>
    public ResourceFacts Facts => facts;

    /// <summary>How its bytes were seen.</summary>
    public List<byte[]> Spellings { get; } = [];

    /// <summary>Whether none of its scopes has a series.</summary>
    public bool IsEmpty => origins.Count == 0;

    /// <summary>The scope with these bytes, made where it is new.</summary>
    public Origin Scope(ReadOnlySpan<byte> scope, SeriesSettings settings)
    {
        if (byBytes.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(scope, out var known)) return known;

        var identity = ResourceFacts.ScopeIdentity(scope);
        var origin = origins.Find(candidate => candidate.Identity == identity);
        if (origin is null) origins.Add(origin = new Origin(this, identity, settings));
        if (byBytes.Count >= MostSpellings * origins.Count) byBytes.Clear();
        byBytes.Add(scope.ToArray(), origin);
        return origin;
    }

    /// <summary>Forgets a scope.</summary>
    public void Forget(Origin origin)
    {
        origins.Remove(origin);
        foreach (var (spelling, candidate) in byBytes)
            if (candidate == origin) byBytes.Remove(spelling);
    }

    /// <summary>All resources that send.</summary>
    internal sealed class Directory
    {
        private readonly Dictionary<byte[], OriginResource> byBytes = new(BytesComparer.Instance);
        private readonly Dictionary<string, OriginResource> byIdentity = new(StringComparer.Ordinal);

        /// <summary>Number of resources.</summary>
        public int Count => byIdentity.Count;

        /// <summary>The resource with these bytes, made where it is new.</summary>
        public OriginResource Find(ReadOnlySpan<byte> resource)
        {
            if (byBytes.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(resource, out var known)) return known;

            var facts = ResourceFacts.Read(resource);
            if (!byIdentity.TryGetValue(facts.Identity, out known)) byIdentity.Add(facts.Identity, known = new OriginResource(facts));
            if (known.Spellings.Count >= MostSpellings) ForgetSpellings(known);
            var spelling = resource.ToArray();
            known.Spellings.Add(spelling);
            byBytes.Add(spelling, known);
            return known;
        }

        /// <summary>Forgets a resource.</summary>
        public void Forget(OriginResource resource)
        {
            ForgetSpellings(resource);
            byIdentity.Remove(resource.Facts.Identity);
        }

        private void ForgetSpellings(OriginResource resource)
        {
            foreach (var spelling in resource.Spellings) byBytes.Remove(spelling);
            resource.Spellings.Clear();
        }
    }
}
