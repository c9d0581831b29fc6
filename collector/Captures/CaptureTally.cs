using System.Collections.Concurrent;

namespace Monitoring.Collector.Captures;

/// <summary>What happened to captures and uploads, counted by reason; every reason is at 0 from the start.</summary>
internal sealed class CaptureTally
{
    private readonly ConcurrentDictionary<string, long> refused = Zeros(Uploads.UploadRefusal.Reasons);
    private readonly ConcurrentDictionary<string, long> removed = Zeros(["age", "count", "bytes", "disk", "person"]);
    private readonly ConcurrentDictionary<string, long> failed = Zeros(["credentials", "no_bucket", "unreachable", "timeout", "refused", "disk"]);

    /// <summary>Requests about uploads that were refused, by reason.</summary>
    public IEnumerable<KeyValuePair<string, long>> Refused => refused;

    /// <summary>Captures that were removed, by reason.</summary>
    public IEnumerable<KeyValuePair<string, long>> Removed => removed;

    /// <summary>Times that the store of captures failed, by reason.</summary>
    public IEnumerable<KeyValuePair<string, long>> Failed => failed;

    public void Refuse(string reason) => refused.AddOrUpdate(reason, 1, static (_, count) => count + 1);

    public void Remove(string reason) => removed.AddOrUpdate(reason, 1, static (_, count) => count + 1);

    public void Fail(string reason) => failed.AddOrUpdate(reason, 1, static (_, count) => count + 1);

    private static ConcurrentDictionary<string, long> Zeros(IEnumerable<string> reasons) => new(reasons.Select(static reason => new KeyValuePair<string, long>(reason, 0)));
}
