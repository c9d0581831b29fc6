using System.Text.Json;
using System.Text.RegularExpressions;

namespace Monitoring.Agent.Doctor;

/// <summary>Which CUDA, cuDNN and NCCL are installed on the node itself; containers bring their own.</summary>
internal sealed partial class CudaCheck() : DoctorCheck("CUDA")
{
    private static readonly string[] LibraryFolders =
        ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/local/lib", "/usr/local/cuda/lib64", "/usr/local/cuda/targets/x86_64-linux/lib", "/usr/local/cuda/targets/sbsa-linux/lib"];

    protected override IEnumerable<Finding> Look(DoctorNode node)
    {
        var toolkits = node.List("/usr/local", "cuda*").Select(path => (Path: path, Version: VersionOf(node, path))).Where(static found => found.Version is not null).ToArray();
        // /usr/local/cuda is a link to one of the others.
        foreach (var same in toolkits.GroupBy(static found => found.Version))
        {
            var found = $"toolkit {same.Key} ({string.Join(", ", same.Select(static one => one.Path))})";
            yield return node.Driver.CudaVersion is { Length: > 0 } highest && MajorOf(same.Key!) > MajorOf(highest)
                ? Finding.Warning($"{found} is newer than the driver, which goes up to CUDA {highest}", "update the driver, or install the cuda-compat package of the toolkit")
                : Finding.Information(found);
        }
        foreach (var (name, pattern) in new[] { ("cuDNN", "libcudnn.so.*"), ("NCCL", "libnccl.so.*") })
            foreach (var version in LibraryFolders.SelectMany(folder => node.List(folder, pattern)).Select(static path => LibraryVersion().Match(path)).Where(static match => match.Success)
                .Select(static match => match.Groups["version"].Value).Distinct().Order(StringComparer.Ordinal))
                yield return Finding.Information($"{name} {version}");
        if (toolkits is []) yield return Finding.Information("no toolkit in /usr/local/cuda*; programs in containers bring their own");
    }

    private static string? VersionOf(DoctorNode node, string toolkit)
    {
        try
        {
            if (node.Read(toolkit + "/version.json") is { } json)
            {
                using var document = JsonDocument.Parse(json);
                return document.RootElement.GetProperty("cuda").GetProperty("version").GetString();
            }
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return "of an unknown version";
        }
        return node.Read(toolkit + "/version.txt") is { } text && TextVersion().Match(text) is { Success: true } match ? match.Groups["version"].Value : null;
    }

    private static int MajorOf(string version) => int.TryParse(version.Split('.')[0], out var major) ? major : 0;

    [GeneratedRegex(@"\.so\.(?<version>\d+\.\d+(\.\d+)*)$")]
    private static partial Regex LibraryVersion();

    [GeneratedRegex(@"CUDA Version (?<version>[\d.]+)")]
    private static partial Regex TextVersion();
}
