using System.Globalization;
using System.Text.RegularExpressions;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>A GPU whose metrics nsys can sample.</summary>
/// <param name="Id">nsys's own number.</param>
/// <param name="PciBusId">Such as <c>0000:19:00.0</c>; empty where this version does not say.</param>
internal sealed record NsysGpu(int Id, string PciBusId);

/// <summary>The GPUs whose metrics nsys can sample, as <c>--gpu-metrics-device=help</c> lists them.</summary>
internal static partial class NsysGpus
{
    /// <summary>More than a node can have.</summary>
    private const int GpusAtMost = 64;

    /// <summary>Lines such as <c>0: NVIDIA H100 80GB HBM3 PCI[0000:19:00.0]</c>; that of <c>all</c> is none.</summary>
    internal static IReadOnlyList<NsysGpu> Read(string text) =>
        [.. NsysOutput.Lines(text).Select(static line => Line().Match(line)).Where(static match => match.Success).Take(GpusAtMost)
            .Select(static match => new NsysGpu(int.Parse(match.Groups["id"].ValueSpan, CultureInfo.InvariantCulture), match.Groups["pci"].Value))];

    /// <summary>The value of the option: the one GPU that is wanted, else all, since versions differ in how they take several.</summary>
    internal static string Choice(IReadOnlyList<NsysGpu> gpus, CaptureScope scope) =>
        scope.Gpus is [{ PciBusId.Length: > 0 } wanted] && gpus.FirstOrDefault(gpu => IsSame(gpu.PciBusId, wanted)) is { } found
            ? found.Id.ToString(CultureInfo.InvariantCulture) : "all";

    /// <summary>NVML writes the PCI domain with eight digits, nsys with four.</summary>
    private static bool IsSame(string pciBusId, CapturedGpu gpu) => pciBusId.Length > 0 && gpu.PciBusId.EndsWith(pciBusId, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"^\s+(?<id>\d{1,3}): (?:.{1,160}?PCI\[(?<pci>[0-9A-Fa-f:.]{7,20})\]|\S)")]
    private static partial Regex Line();
}
