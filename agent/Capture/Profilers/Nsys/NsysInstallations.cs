using System.Text.RegularExpressions;

namespace Monitoring.Agent.Capture.Profilers.Nsys;

/// <summary>Finds the nsys to use and asks it once what it knows; again only when the file is another one.</summary>
internal sealed partial class NsysInstallations(NsysPlaces places, BoundedProgram programs) : IDisposable
{
    /// <summary>A version or a help text takes 0.1 s; the first of a machine reads hundreds of megabytes from the disk.</summary>
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, (string Identity, NsysInstallation? Installation)> probed = [];
    private readonly SemaphoreSlim gate = new(1, 1);

    /// <summary>Where was looked, for a person.</summary>
    internal string Missing => places.IsConfigured
        ? "capture.nsys.path names no nsys that runs: correct it, or leave it empty to look for one"
        : "no nsys that runs was found on the PATH, in /opt/nvidia or in /usr/local/cuda*: install nsight-systems-cli from NVIDIA's repository";

    /// <summary>The configured one, that of the PATH, or the newest of the known places; null where none runs.</summary>
    internal async Task<NsysInstallation?> FindAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var found = new List<NsysInstallation>();
            foreach (var program in places.Find())
            {
                if (IdentityOf(program) is not { } identity) continue;
                if (!probed.TryGetValue(program, out var known) || known.Identity != identity) probed[program] = known = (identity, await ProbeAsync(program, cancellationToken).ConfigureAwait(false));
                if (known.Installation is { } installation) found.Add(installation);
            }
            return found.OrderByDescending(static installation => installation.Order).FirstOrDefault();
        }
        finally
        {
            gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => gate.Dispose();

    private async Task<NsysInstallation?> ProbeAsync(string program, CancellationToken cancellationToken)
    {
        Task<ProgramAnswer> Ask(params string[] arguments) => programs.RunAsync(new ProgramCall(program, arguments, ProbeLimit), cancellationToken);

        var answer = await Ask("--version").ConfigureAwait(false);
        if (Version().Match(answer.Output) is not { Success: true } match) return null;
        var profile = NsysOptions.Read((await Ask("profile", "--help").ConfigureAwait(false)).Text);
        var start = NsysOptions.Read((await Ask("start", "--help").ConfigureAwait(false)).Text);
        var export = NsysOptions.Read((await Ask("export", "--help").ConfigureAwait(false)).Text);
        return start.Count == 0 ? null : new NsysInstallation(program, match.Groups["version"].Value, profile, start, export);
    }

    /// <summary>What is another where the program was replaced: size, time and the real path.</summary>
    private static string? IdentityOf(string program)
    {
        try
        {
            var file = new FileInfo(program);
            return file.Exists ? $"{file.Length} {file.LastWriteTimeUtc.Ticks}" : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"version\s+(?<version>\d{1,6}\.\d{1,6}[0-9A-Za-z.\-]{0,64})", RegexOptions.IgnoreCase)]
    private static partial Regex Version();
}
