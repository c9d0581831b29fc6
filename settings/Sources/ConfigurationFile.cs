using System.Globalization;
using System.Text;
using YamlDotNet.Core;

namespace Monitoring.Settings.Sources;

/// <summary>The YAML file of the configuration.</summary>
internal static class ConfigurationFile
{
    /// <summary>A configuration has a few kilobytes; more is the wrong file, and would be read into memory whole.</summary>
    internal const int MaximumBytes = 1 << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The top of the file; null, with an error, where it cannot be read or is no YAML, and where it is empty.</summary>
    internal static SourceNode? Read(string path, List<SettingError> errors)
    {
        try
        {
            return Parse(path, ReadText(path));
        }
        catch (ConfigurationFileException mistake)
        {
            errors.Add(new SettingError(mistake.Line == 0 ? path : At(path, mistake.Line), "", null, mistake.Message));
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            errors.Add(new SettingError(path, "", null, Unreadable(path, cause)));
        }

        return null;
    }

    /// <summary>The top of the document; null where it is empty.</summary>
    internal static SourceNode? Parse(string path, string text)
    {
        try
        {
            return new YamlComposer(new GuardedParser(new Parser(new StringReader(text))), path).Compose();
        }
        catch (YamlException mistake)
        {
            throw Malformed(text, mistake);
        }
    }

    internal static string At(string path, long line) => string.Create(CultureInfo.InvariantCulture, $"{path}:{line}");

    private static string ReadText(string path)
    {
        // What is read is bounded, whatever length the file claims: a device or a growing file has none.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[MaximumBytes + 1];
        var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (length > MaximumBytes)
            throw new ConfigurationFileException(0, $"is larger than {MaximumBytes >> 20} MiB and cannot be a configuration; check the path");
        try
        {
            return StrictUtf8.GetString(bytes.AsSpan(0, length).StartsWith("\uFEFF"u8) ? bytes.AsSpan(3, length - 3) : bytes.AsSpan(0, length));
        }
        catch (DecoderFallbackException mistake)
        {
            var line = 1 + bytes.AsSpan(0, Math.Max(0, mistake.Index)).Count((byte)'\n');
            throw new ConfigurationFileException(line, "holds bytes that are not UTF-8 text; save the file as UTF-8");
        }
    }

    /// <summary>Why a file cannot be read, with the remedy.</summary>
    internal static string Unreadable(string path, Exception cause) => cause switch
    {
        FileNotFoundException or DirectoryNotFoundException => "the file does not exist; create it or correct the path",
        UnauthorizedAccessException when Directory.Exists(path) => "is a folder; give the path of a YAML file",
        UnauthorizedAccessException => $"cannot be read by user '{Environment.UserName}': permission denied; change the owner or mode of the file",
        _ => $"cannot be read: {cause.Message}",
    };

    /// <summary>The parser's complaint with its place; a tab in the indentation, for which it has several other words, by its name.</summary>
    private static ConfigurationFileException Malformed(string text, YamlException mistake)
    {
        var start = (int)Math.Max(1, mistake.Start.Line);
        // The parser complains of a tab on a later line where the mapping around it starts.
        var last = mistake.Message.Contains("tab", StringComparison.Ordinal) ? int.MaxValue : start;
        var number = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            var tab = line[..^line.TrimStart(" \t").Length].IndexOf('\t');
            if (number >= start && number <= last && tab >= 0)
                return new ConfigurationFileException(number, $"has a tab in column {tab + 1}; YAML is indented with spaces only");
        }

        return new ConfigurationFileException(start, $"is not valid YAML at column {Math.Max(1, mistake.Start.Column)}: {Shown.Text(mistake.Message).TrimEnd('.')}; check indentation, quotes and colons");
    }
}
