namespace Monitoring.Contracts.Xid;

/// <summary>NVIDIA's resolution buckets, each as a sentence.</summary>
public static class XidBuckets
{
    /// <summary>The bucket that asks for nothing.</summary>
    public const string Ignore = "IGNORE";

    /// <summary>Every bucket and what it asks for.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = TabTable.Rows("xid-buckets.tsv").ToDictionary(static row => row[0], static row => row[1], StringComparer.Ordinal);

    /// <summary>What a bucket asks for; empty for one that is not known.</summary>
    public static string Action(string bucket) => All.GetValueOrDefault(bucket, "");

    /// <summary>What two buckets ask for together, what to do at once first; empty where both ask for nothing.</summary>
    public static string Advice(string immediate, string investigate)
    {
        var first = immediate == Ignore ? "" : Action(immediate);
        var second = investigate == Ignore || investigate == immediate ? "" : Action(investigate);
        return (first, second) switch
        {
            ("", _) => second,
            (_, "") => first,
            _ => $"{first} {second}",
        };
    }
}
