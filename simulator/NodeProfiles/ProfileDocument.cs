using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Monitoring.Simulator.NodeProfiles;

/// <summary>One YAML file that is being read: collects every error, and knows which keys were read.</summary>
internal sealed class ProfileDocument
{
    /// <summary>A profile of sixteen fully described GPUs has some 20 KiB; this bounds what a wrong path can do.</summary>
    public const long MaximumBytes = 1 << 20;

    private readonly List<string> _errors = [];
    private readonly HashSet<YamlNode> _read = new(ReferenceEqualityComparer.Instance);

    private ProfileDocument(string file, YamlNode? root)
    {
        File = file;
        RootNode = root;
    }

    public string File { get; }

    public IReadOnlyList<string> Errors => _errors;

    public YamlNode? RootNode { get; }

    /// <summary>The whole file as a section.</summary>
    public ProfileSection Root => RootNode is YamlMappingNode mapping ? new ProfileSection(this, "", [new ProfileLayer("", mapping)]) : new ProfileSection(this, "", []);

    public static ProfileDocument Parse(string file, string text)
    {
        if (text.Length > MaximumBytes)
            throw new ProfileException([$"{file}: has {text.Length} characters, expected at most {MaximumBytes}"]);
        var stream = new YamlStream();
        try
        {
            using var reader = new StringReader(text);
            stream.Load(reader);
        }
        catch (YamlException exception)
        {
            throw new ProfileException([$"{file}:{exception.Start.Line}: is not YAML: {exception.InnerException?.Message ?? exception.Message}"]);
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            throw new ProfileException([$"{file}: is not YAML: {exception.Message}"]);
        }
        return new ProfileDocument(file, stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode);
    }

    public static string ReadFile(string file)
    {
        try
        {
            var length = new FileInfo(file).Length;
            return length > MaximumBytes
                ? throw new ProfileException([$"{file}: has {length} bytes, expected at most {MaximumBytes}"])
                : System.IO.File.ReadAllText(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ProfileException([$"{file}: cannot be read: {exception.Message}"]);
        }
    }

    public void MarkRead(YamlNode key) => _read.Add(key);

    /// <summary>Reports an error once: what all devices say is read once per device.</summary>
    public void Add(YamlNode? node, string key, string value, string expected) => AddText(node, $"{key} is '{value}', expected {expected}");

    public void AddText(YamlNode? node, string text)
    {
        var error = $"{File}:{node?.Start.Line ?? 1}: {text}";
        if (!_errors.Contains(error)) _errors.Add(error);
    }

    public void ThrowOnErrors()
    {
        if (_errors.Count != 0) throw new ProfileException([.. _errors]);
    }

    /// <summary>Keys that nobody read, as <c>file:line: key</c>.</summary>
    public IEnumerable<(string Key, YamlNode Node)> Unread() => RootNode is null ? [] : Unread(RootNode, "");

    private IEnumerable<(string Key, YamlNode Node)> Unread(YamlNode node, string path)
    {
        if (node is YamlSequenceNode list)
        {
            for (var i = 0; i < list.Children.Count; i++)
                foreach (var found in Unread(list.Children[i], $"{path}[{i}]"))
                    yield return found;
        }
        if (node is not YamlMappingNode mapping) yield break;
        foreach (var (key, value) in mapping.Children)
        {
            var full = path.Length == 0 ? key.ToString() : $"{path}.{key}";
            if (!_read.Contains(key)) yield return (full, key);
            else
                foreach (var found in Unread(value, full))
                    yield return found;
        }
    }
}
