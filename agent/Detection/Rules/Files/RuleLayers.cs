using System.Globalization;
using System.Text;

namespace Monitoring.Agent.Detection.Rules.Files;

/// <summary>The rule files that hold on this node, from the shipped one to the last of the directory.</summary>
internal sealed class RuleLayers(DetectionSettings settings)
{
    /// <summary>A thousand rules have half of it; more is the wrong file, and would be read into memory whole.</summary>
    internal const int MaximumBytes = 1 << 20;

    /// <summary>Files of the directory.</summary>
    internal const int MaximumFiles = 100;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The rules that hold, or everything that is wrong with them.</summary>
    internal RuleLoad Load() => Load(Read(), settings.ShippedRules);

    /// <summary>Reads files named on a command line, on top of the shipped rules.</summary>
    internal static RuleLoad Load(IEnumerable<string> files, bool withShipped) => Load([.. files.Select(ReadFile)], withShipped);

    /// <summary>The files of the directory now, with their text or why they cannot be read.</summary>
    internal IReadOnlyList<(string File, string? Text, string Trouble)> Read()
    {
        try
        {
            return [.. Files().Select(ReadFile)];
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return [(settings.RulesDirectory, null, cause is DirectoryNotFoundException
                ? "does not exist; create the directory or correct detection.rules_directory"
                : $"cannot be listed: {cause.Message}")];
        }
    }

    /// <summary>Names, sizes and times of the files: while this text stays the same, they need not be read again.</summary>
    internal string Signature()
    {
        try
        {
            return string.Join('\n', Files().Select(static file => new FileInfo(file)).Select(static info =>
                string.Create(CultureInfo.InvariantCulture, $"{info.Name} {(info.Exists ? info.Length : -1)} {info.LastWriteTimeUtc.Ticks} {info.ResolveLinkTarget(returnFinalTarget: true)?.LastWriteTimeUtc.Ticks}")));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            return cause.Message;
        }
    }

    private static RuleLoad Load(IReadOnlyList<(string File, string? Text, string Trouble)> files, bool withShipped)
    {
        List<RuleText> texts = [.. withShipped ? [ShippedRules.File] : Array.Empty<RuleText>(), .. files.Where(static file => file.Text is not null).Select(static file => new RuleText(file.File, file.Text!))];
        var load = RuleFiles.Load(texts);
        var unreadable = files.Where(static file => file.Text is null).Select(static file => new RuleMistake(new Place(file.File), "", null, file.Trouble)).ToList();
        return unreadable.Count == 0 ? load : new RuleLoad([], [.. unreadable, .. load.Mistakes]);
    }

    private List<string> Files()
    {
        var directory = settings.RulesDirectory;
        // The default place need not exist; one that somebody chose and that is not there is a mistake.
        if (directory.Length == 0 || (directory == DetectionSettings.DefaultRulesDirectory && !Directory.Exists(directory))) return [];
        var files = Directory.EnumerateFiles(directory).Where(static file => Path.GetFileName(file) is { } name && name[0] != '.' && name.EndsWith(".yaml", StringComparison.Ordinal))
            .Take(MaximumFiles + 1).Order(StringComparer.Ordinal).ToList();
        return files.Count <= MaximumFiles ? files : throw new IOException($"{directory} holds more than {MaximumFiles} rule files; put several rules into one");
    }

    private static (string File, string? Text, string Trouble) ReadFile(string path)
    {
        try
        {
            // What is read is bounded, whatever length the file claims.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[MaximumBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > MaximumBytes) return (path, null, $"is larger than {MaximumBytes >> 20} MiB and cannot be a rule file; check the path or split it");
            var text = bytes.AsSpan(0, length);
            return (path, StrictUtf8.GetString(text.StartsWith("\uFEFF"u8) ? text[3..] : text), "");
        }
        catch (DecoderFallbackException)
        {
            return (path, null, "holds bytes that are not UTF-8 text; save the file as UTF-8");
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return (path, null, cause switch
            {
                FileNotFoundException or DirectoryNotFoundException => "does not exist; create the file or correct the path",
                UnauthorizedAccessException when Directory.Exists(path) => "is a folder; give the path of a rule file",
                UnauthorizedAccessException => $"cannot be read by user '{Environment.UserName}': permission denied; change the owner or mode of the file",
                _ => $"cannot be read: {cause.Message}",
            });
        }
    }
}
