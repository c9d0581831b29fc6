using Monitoring.Agent.Devices.Pci;
using Monitoring.Contracts.Events;

namespace Monitoring.Agent.Detection.Health;

/// <summary>Every reason of the node, by GPU and component. One thread owns it.</summary>
internal sealed class HealthLedger
{
    /// <summary>GPUs that are remembered: those of a large node twice, since one that was replaced keeps what a person must clear.</summary>
    private const int SubjectsAtMost = 33;

    private readonly Dictionary<string, SubjectReasons> gpus = [];
    private IReadOnlyList<HealthSubject> followed = [];

    /// <summary>The node as a whole.</summary>
    internal SubjectReasons Node { get; } = new(null) { IsPresent = true, Components = HealthSubjects.OfNode };

    /// <summary>The node and every GPU that is there or has reasons.</summary>
    internal IEnumerable<SubjectReasons> Subjects => [Node, .. gpus.Values];

    /// <summary>True where time clears a reason by now.</summary>
    internal bool IsDue(long now)
    {
        foreach (var (_, subject) in gpus)
            if (subject.IsDue(now)) return true;
        return Node.IsDue(now);
    }

    internal IEnumerable<SubjectReasons> Gpus => gpus.Values.OrderBy(static subject => subject.Gpu!.Index < 0 ? int.MaxValue : subject.Gpu.Index).ThenBy(static subject => subject.Gpu!.Uuid, StringComparer.Ordinal);

    /// <summary>Follows the GPUs that are there; one that is gone stays while it has reasons.</summary>
    /// <param name="present">The same list for as long as nothing changes.</param>
    /// <returns>True where anything changed.</returns>
    internal bool Follow(IReadOnlyList<HealthSubject> present)
    {
        if (ReferenceEquals(present, followed) && !IsAnyForgotten()) return false;
        followed = present;
        var before = gpus.Values.Select(static subject => (subject.Gpu, subject.IsPresent, string.Join(' ', subject.Components))).ToArray();
        foreach (var subject in gpus.Values) subject.IsPresent = false;
        foreach (var (gpu, components) in present)
        {
            Adopt(gpu);
            var subject = Of(gpu.Reference);
            subject.Gpu = gpu;
            subject.Components = components;
            subject.IsPresent = true;
        }
        foreach (var gone in gpus.Where(static entry => !entry.Value.IsPresent && entry.Value.Count == 0).ToArray()) gpus.Remove(gone.Key);
        return !before.SequenceEqual(gpus.Values.Select(static subject => (subject.Gpu, subject.IsPresent, string.Join(' ', subject.Components))));
    }

    private bool IsAnyForgotten()
    {
        foreach (var (_, subject) in gpus)
            if (subject is { IsPresent: false, Count: 0 }) return true;
        return false;
    }

    /// <summary>The subject that an event or a rule names; made where it is new. A reference that names nothing is the node.</summary>
    internal SubjectReasons Of(GpuReference? reference)
    {
        if (Find(reference) is { } known) return known;
        var key = Keys(reference!).First();
        if (gpus.Count >= SubjectsAtMost && gpus.FirstOrDefault(static entry => !entry.Value.IsPresent).Key is { } oldest) gpus.Remove(oldest);
        var subject = new SubjectReasons(GpuSubject.Of(reference!));
        gpus.Add(key, subject);
        return subject;
    }

    /// <summary>The subject that is named, if there is one.</summary>
    internal SubjectReasons? Find(GpuReference? reference)
    {
        if (reference is null || !Keys(reference).Any()) return Node;
        if (reference.Uuid.Length > 0) return gpus.GetValueOrDefault(Keys(reference).First());
        return gpus.Values.FirstOrDefault(subject => Matches(subject.Gpu!, reference));
    }

    /// <summary>What was said of a GPU before its UUID was known belongs to it.</summary>
    private void Adopt(GpuSubject gpu)
    {
        var key = Keys(gpu.Reference).First();
        if (gpus.ContainsKey(key) || gpus.FirstOrDefault(entry => entry.Value.Gpu!.Uuid.Length == 0 && Matches(gpu, entry.Value.Gpu.Reference)) is not { Key: { } old, Value: { } subject }) return;
        gpus.Remove(old);
        gpus.Add(key, subject);
    }

    // The kernel writes an address with four digits of domain, the driver with eight.
    private static bool Matches(GpuSubject gpu, GpuReference reference) => reference.PciBusId.Length > 0
        ? PciAddress.Normalize(gpu.PciBusId) is var own && own == PciAddress.Normalize(reference.PciBusId) && own.Length > 0
        : gpu.Index == reference.Index;

    /// <summary>What tells a GPU from others, the best first: indexes change when one falls off the bus.</summary>
    private static IEnumerable<string> Keys(GpuReference reference)
    {
        if (reference.Uuid.Length > 0) yield return "uuid " + reference.Uuid;
        if (reference.PciBusId.Length > 0) yield return "pci " + PciAddress.Normalize(reference.PciBusId);
        if (reference.Index is { } index and >= 0) yield return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"index {index}");
    }
}
