using System.Text.RegularExpressions;

namespace Monitoring.Agent.Doctor;

/// <summary>Nsight Systems, which captures need: where, which version, and whether it is whole.</summary>
internal sealed partial class NsysCheck() : DoctorCheck("nsys")
{
    protected override IEnumerable<Finding> Look(DoctorNode node)
    {
        string[] places = [.. Places(node).Distinct()];
        if (places is [])
        {
            const string Missing = "Nsight Systems was not found on the PATH, in /opt/nvidia/nsight-systems* or in /usr/local/cuda*";
            yield return node.Driver.Gpus.Count == 0 ? Finding.Information($"{Missing}; without a GPU nothing needs it")
                : Finding.Warning($"{Missing}: there will be no captures with it", "install nsight-systems-cli from NVIDIA's repository");
            yield break;
        }
        foreach (var place in places)
        {
            if (node.RunProgram(node.Place(place), "--version") is { } answer && Version().Match(answer) is { Success: true } match) yield return Finding.Ok($"{match.Groups["version"].Value} at {place}");
            else yield return Finding.Warning($"{place} is there and does not tell its version", $"run {place} --version and see what it lacks");
            // Debian's package puts the importer where nsys does not look: captures then end without a report and with exit code 0.
            if (place.StartsWith("/usr/lib/", StringComparison.Ordinal) && !node.Exists(Path.Combine(Path.GetDirectoryName(place)!, "../host-linux-x64")))
                yield return Finding.Warning($"{place} has no host-linux-x64 beside it: its captures end without a report", $"ln -s ../../nsight-systems/host-linux-x64 {Path.GetFullPath(Path.Combine(Path.GetDirectoryName(place)!, "../host-linux-x64"))}");
        }
    }

    /// <summary>Every nsys, that of the PATH first.</summary>
    private static IEnumerable<string> Places(DoctorNode node)
    {
        var onPath = (node.Variable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(static folder => folder + "/nsys").FirstOrDefault(node.Exists);
        if (onPath is not null) yield return Resolved(node, onPath);
        var installed = node.List("/opt/nvidia", "nsight-systems*").SelectMany(folder => node.List(folder, "*")).SelectMany(version => node.List(version, "target-linux-*")).Select(static folder => folder + "/nsys");
        // The toolkit's is a script that starts one of /opt/nvidia: counted only where there is none.
        foreach (var found in installed.Where(node.Exists)) yield return found;
        if (onPath is null && !installed.Any(node.Exists))
            foreach (var found in node.List("/usr/local", "cuda*").Select(static toolkit => toolkit + "/bin/nsys").Where(node.Exists)) yield return found;
    }

    private static string Resolved(DoctorNode node, string path)
    {
        try
        {
            return File.ResolveLinkTarget(node.Place(path), returnFinalTarget: true) is { } target && target.FullName.StartsWith(node.Root, StringComparison.Ordinal) ? node.Shown(target.FullName) : path;
        }
        catch (IOException)
        {
            return path;
        }
    }

    [GeneratedRegex(@"version\s+(?<version>\d+\.\d+\S*)")]
    private static partial Regex Version();
}
