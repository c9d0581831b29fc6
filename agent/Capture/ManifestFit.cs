using System.Globalization;
using System.Text.Json;
using Monitoring.Contracts.Captures;

namespace Monitoring.Agent.Capture;

/// <summary>
/// Keeps a manifest within <see cref="ManifestLimits"/>: beyond them the collector refuses the whole bundle for good. What is left out of a text
/// or a list is counted at its end.
/// </summary>
internal static class ManifestFit
{
    private const string Between = "; ";

    /// <summary>Room for what stands at the end of a text that was cut.</summary>
    private const int MarkCharacters = 24;

    /// <summary>Texts are not cut below this, since they are no longer what is too large then.</summary>
    private const int LeastTextCharacters = 128;

    /// <summary>Of a process, in command line and environment each, where all together are too large; halved until they are not.</summary>
    private const int ProcessCharacters = 16 * 1024;

    /// <summary>The manifest, cut as far as it must be.</summary>
    internal static CaptureManifest Within(CaptureManifest manifest)
    {
        var fit = WithTexts(manifest, ManifestLimits.MostTextCharacters);
        for (var characters = ManifestLimits.MostTextCharacters / 2; characters >= LeastTextCharacters && MemoryBytes(fit) > ManifestLimits.MostMemoryBytes; characters /= 2) fit = WithTexts(manifest, characters);
        var isCut = false;
        for (var characters = ProcessCharacters; !isCut && FileBytes(fit) > ManifestLimits.MostBytes; characters /= 2)
        {
            fit = fit with { Processes = [.. manifest.Processes.Select(process => WithArguments(process, characters))] };
            isCut = characters == 0;
        }
        return fit;
    }

    /// <summary>A text of parts, cut between them where it is longer than it may be; one of long parts within one.</summary>
    internal static string Cut(string text, int most)
    {
        if (text.Length <= most) return text;
        var parts = text.Split(Between);
        var (kept, length) = (0, 0);
        while (length + parts[kept].Length <= most - MarkCharacters) length += parts[kept++].Length + Between.Length;
        if (length >= most / 2) return string.Create(CultureInfo.InvariantCulture, $"{text[..length]}… and {parts.Length - kept} more");
        var end = most - MarkCharacters;
        if (char.IsHighSurrogate(text[end - 1])) end--;
        return kept + 1 == parts.Length ? text[..end] + "…" : string.Create(CultureInfo.InvariantCulture, $"{text[..end]}… and {parts.Length - kept - 1} more");
    }

    private static CaptureManifest WithTexts(CaptureManifest manifest, int characters) => manifest with
    {
        Words = Cut(manifest.Words, characters),
        Request = manifest.Request with { Trigger = manifest.Request.Trigger with { Reason = Cut(manifest.Request.Trigger.Reason, characters) } },
        Runs = [.. manifest.Runs.Select(run => run with { Words = Cut(run.Words, characters) })],
    };

    private static CapturedProcess WithArguments(CapturedProcess process, int characters)
    {
        var (arguments, variables, environment) = (process.CommandLine ?? [], process.Environment ?? new Dictionary<string, string>(), new SortedDictionary<string, string>(StringComparer.Ordinal));
        var kept = Fitting(arguments, static argument => argument.Length, characters);
        foreach (var (name, value) in variables.Take(Fitting(variables, static variable => variable.Key.Length + variable.Value.Length, characters))) environment[name] = value;
        if (environment.Count < variables.Count) environment["…"] = string.Create(CultureInfo.InvariantCulture, $"and {variables.Count - environment.Count} more");
        return process with
        {
            CommandLine = kept == arguments.Count ? process.CommandLine : [.. arguments.Take(kept), string.Create(CultureInfo.InvariantCulture, $"… and {arguments.Count - kept} more")],
            Environment = process.Environment is null ? null : environment,
        };
    }

    /// <summary>How many of a list, from its beginning on, have no more characters than they may.</summary>
    private static int Fitting<T>(IEnumerable<T> list, Func<T, int> length, int characters)
    {
        var (count, sum) = (0, 0);
        foreach (var one in list)
        {
            if ((sum += length(one)) > characters) break;
            count++;
        }
        return count;
    }

    private static int MemoryBytes(CaptureManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(ManifestLimits.ForMemory(manifest), CaptureJson.Default.CaptureManifest).Length;

    /// <summary>As the file is written.</summary>
    private static int FileBytes(CaptureManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(manifest, CaptureJson.Readable.CaptureManifest).Length;
}
