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
            return new YamlComposer(new Parser(new StringReader(text)), path).Compose();
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

    private static string Unreadable(string path, Exception cause) => cause switch
    {
        FileNotFoundException or DirectoryNotFoundException => "the file does not exist; create it or correct the path",
        UnauthorizedAccessException when Directory.Exists(path) => "is a folder; give the path of a YAML file",
        UnauthorizedAccessException => $"cannot be read by user '{Environment.UserName}': permission denied; change the owner or mode of the file",
        _ => $"cannot be read: {cause.Message}",
    };

    /// <summary>The parser's complaint with its place; the tab, which it calls "a character that cannot start any token", by its name.</summary>
    private static ConfigurationFileException Malformed(string text, YamlException mistake)
    {
        var line = (int)Math.Max(1, mistake.Start.Line);
        var content = text.Split('\n', line + 1).ElementAtOrDefault(line - 1) ?? "";
        var indentation = content.AsSpan(0, content.Length - content.AsSpan().TrimStart(" \t").Length);
        if (indentation.IndexOf('\t') is var tab and >= 0)
            return new ConfigurationFileException(line, $"has a tab in column {tab + 1}; YAML is indented with spaces only");
        var reason = mistake.InnerException?.Message ?? mistake.Message;
        return new ConfigurationFileException(line, $"is not valid YAML at column {Math.Max(1, mistake.Start.Column)}: {reason.TrimEnd('.')}; check indentation, quotes and colons");
    }
}
